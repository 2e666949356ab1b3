# frozen_string_literal: true

class Dir
  def self.tmpdir
    "/.kiln/tmp"
  end

  # Names by numbers: chance would make the result one that cannot be used again.
  module Tmpname
    def self.create(name, folder = nil, max_try: nil, **options)
      @made = (@made || 0) + 1
      prefix, suffix = Array(name)
      path = File.join(folder || Dir.tmpdir, "#{prefix}#{@made}#{suffix}")
      yield(path, @made, options, nil)
      path
    end
  end

  def self.mktmpdir(prefix = "d", folder = nil, **)
    path = Tmpname.create(prefix, folder) { |made| FileUtils.mkdir_p(made) }
    return path unless block_given?

    begin
      yield(path)
    ensure
      FileUtils.rm_rf(path)
    end
  end
end

class IO
  # Nobody sits in front of it.
  def noecho
    yield(self)
  end

  alias raw noecho

  def winsize
    [24, 80]
  end

  def getch
    nil
  end

  def self.console
    $stdin
  end
end

# Whatever is asked of the user gets the answer of somebody who is not there.
%i[gets readline getc getch read each_line readlines].each do |name|
  $stdin.define_singleton_method(name) do |*arguments, **options, &block|
    Kiln.note("question")
    IO.instance_method(name).bind_call(self, *arguments, **options, &block)
  end
end

module Kernel
  def gets(*arguments)
    $stdin.gets(*arguments)
  end

  private :gets
end

module Etc
  Passwd = Struct.new(:name, :passwd, :uid, :gid, :gecos, :dir, :shell) unless const_defined?(:Passwd)
  Group = Struct.new(:name, :passwd, :gid, :mem) unless const_defined?(:Group)

  class << self
    def getlogin
      Kiln.host[:user]
    end

    def getpwuid(_uid = nil)
      host = Kiln.host
      Passwd.new(host[:user], "x", host[:uid], host[:gid], "", host[:home], host[:shell])
    end

    def getpwnam(name)
      raise ArgumentError, "can't find user for #{name}" if name != Kiln.host[:user]

      getpwuid
    end

    def getgrgid(gid = nil)
      Group.new(Kiln.host[:group], "x", gid || Kiln.host[:gid], [])
    end

    def nprocessors
      Kiln.host[:cpus]
    end

    def uname
      Kiln.host[:uname]
    end
  end
end

module Process
  class << self
    def uid
      Kiln.host[:uid]
    end

    def gid
      Kiln.host[:gid]
    end

    alias euid uid
    alias egid gid

    def ppid
      1
    end
  end
end
