Set-StrictMode -Version Latest
Install-WindowsFeature Web-Server
