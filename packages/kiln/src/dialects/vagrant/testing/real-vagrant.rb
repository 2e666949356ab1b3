# frozen_string_literal: true

# Prints, as one line of JSON for each project, what the real Vagrant makes of it:
#   ruby real-vagrant.rb '[{"folder": "...", "provider": "virtualbox", "words": ["status"], "environment": {}}, ...]'
require "json"
require "set"
$VERBOSE = nil
require "vagrant"

UNSET = Vagrant::Plugin::V2::Config::UNSET_VALUE

def plain(thing)
  case thing
  when nil, true, false, Integer, Float, String then thing
  when Symbol then thing == UNSET ? nil : thing.to_s
  when Hash then thing.to_h { |key, value| [key.to_s, plain(value)] }
  when Array, Set then thing.map { |value| plain(value) }
  when Range then { first: thing.begin, last: thing.end }
  when Regexp then { regexp: thing.source, options: thing.options }
  when Proc then { ruby: thing.source_location }
  when Vagrant::Plugin::V2::Config then values(thing)
  else thing.to_s
  end
end

# What a configuration holds: its variables but for internal ones.
def values(config)
  variables = config.instance_variables.reject { |name| name.start_with?("@_") || %i[@logger @config_class].include?(name) }
  variables.to_h { |name| [name.to_s.delete_prefix("@"), plain(config.instance_variable_get(name))] }
end

def provisioner(one)
  { name: plain(one.name), type: plain(one.type), run: plain(one.run), before: plain(one.before), after: plain(one.after),
    communicator_required: one.communicator_required, known: !one.invalid?, config: containers(one.config) }
end

def containers(config)
  more = config.respond_to?(:build_images) ? { build_images: plain(config.build_images), containers: plain(config.containers) } : {}
  wrapped = config.respond_to?(:post_install_provisioner) && config.post_install_provisioner
  values(config).merge(more).merge(wrapped ? { "post_install_provisioner" => provisioner(wrapped) } : {})
end

def trigger(one)
  values(one).merge("command" => plain(one.command), "run" => one.run && plain(one.run), "run_remote" => one.run_remote && plain(one.run_remote))
end

def machine(env, name, provider)
  config = env.vagrantfile.machine_config(name, provider, env.boxes, nil, false)[:config]
  vm = config.vm
  options = env.vagrantfile.machine_names_and_options[name]
  providers = vm.instance_variable_get(:@__compiled_provider_configs)
  {
    name: name.to_s,
    primary: !!options[:primary],
    autostart: options.fetch(:autostart, true) ? true : false,
    mentioned: plain(vm.__providers.uniq),
    vm: values(vm).except("provisioners", "disks", "cloud_init_configs"),
    networks: vm.networks.map { |type, given| [type.to_s, plain(given)] },
    folders: vm.synced_folders.map { |id, given| [id.to_s, plain(given)] },
    provisioners: vm.provisioners.map { |one| provisioner(one) },
    disks: vm.disks.map { |one| values(one) },
    cloud_init: vm.cloud_init_configs.map { |one| values(one) },
    providers: providers.to_h { |key, one| [key.to_s, values(one)] },
    ssh: values(config.ssh), winrm: values(config.winrm), winssh: values(config.winssh), nfs: values(config.nfs),
    triggers: { before: config.trigger.before_triggers.map { |one| trigger(one) },
                after: config.trigger.after_triggers.map { |one| trigger(one) } },
    errors: errors(env, config, name),
  }
rescue StandardError, ScriptError => e
  { name: name.to_s, failed: e.message }
end

# How many mistakes Vagrant finds in what Kiln checks too.
def errors(_env, config, _name)
  found = config.instance_variable_get(:@missing_key_calls).to_a
  config.instance_variable_get(:@keys).each { |key, section| found += section._detected_errors.map { |text| "#{key}: #{text}" } if section.respond_to?(:_detected_errors) }
  found
end

# Plugins that Kiln does the work of are not installed here.
def pretend_plugins(names)
  Vagrant.define_singleton_method(:has_plugin?) { |name, _version = nil| names.include?(name.to_s) }
end

def project(request)
  Dir.chdir(request["cwd"] || request["folder"])
  ENV.update(request["environment"] || {})
  ARGV.replace(request["words"] || ["status"])
  pretend_plugins(request["plugins"] || [])
  env = Vagrant::Environment.new(ui_class: Vagrant::UI::Silent)
  { machines: env.machine_names.map { |name| machine(env, name, request["provider"].to_sym) },
    primary: env.vagrantfile.primary_machine_name.to_s, vagrant: values(env.vagrantfile.config.vagrant) }
rescue SystemExit => e
  { exit: e.status }
rescue Exception => e # rubocop:disable Lint/RescueException
  { failed: "#{e.class}: #{e.message}" }
end

real = $stdout.dup
JSON.parse(ARGV.shift).each do |request|
  # A process each: Vagrantfiles define constants and methods.
  reading, writing = IO.pipe
  child = fork do
    # Some ask questions, or wait for a network that is not there.
    Process.setrlimit(:CPU, 120)
    $stdin.reopen(File::NULL)
    reading.close
    $stdout.reopen(File::NULL)
    $stderr.reopen(File::NULL)
    writing.write(JSON.generate(project(request)))
    writing.close
    exit!(0)
  end
  writing.close
  watch = Thread.new { sleep(180) && Process.kill(:KILL, child) }
  answer = reading.read
  watch.kill
  Process.wait(child)
  real.puts(answer.empty? ? JSON.generate({ failed: "no answer" }) : answer)
end
