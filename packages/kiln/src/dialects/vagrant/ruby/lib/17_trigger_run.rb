# frozen_string_literal: true

module Kiln
  # What the block of a trigger is called with, as far as there is something behind it.
  class TriggerEnvironment
    attr_reader :root_path, :local_data_path, :home_path, :ui

    def initialize(project, request)
      @project = project
      @root_path = Pathname.new(File.dirname(request[:root_file]))
      @local_data_path = Pathname.new(request[:dotfiles])
      @home_path = Vagrant.user_data_path
      @ui = Vagrant::UI::Basic.new
    end

    def cwd
      Pathname.new(Dir.pwd)
    end

    def machine_names
      @project.machine_names
    end

    def vagrantfile
      self
    end

    def config
      @project.global
    end
  end

  class TriggerMachine
    State = Struct.new(:id, :short_description, :long_description)

    attr_reader :name, :id, :provider_name, :config, :env, :state

    def initialize(name, config, provider, env, facts)
      @name = name
      @config = config
      @provider_name = provider.to_sym
      @env = env
      @id = facts[:id]
      @state = State.new(facts[:state]&.to_sym, facts[:state], facts[:state])
      @ssh_info = facts[:ssh_info]
    end

    def ui
      @env.ui
    end

    def data_dir
      @env.local_data_path.join("machines", @name.to_s, @provider_name.to_s)
    end

    def ssh_info
      @ssh_info
    end

    def provider_config
      @config.vm.get_provider_config(@provider_name)
    end

    %i[communicate guest provider action].each do |name|
      define_method(name) { |*| raise Refused, "a trigger's block wants to work in the machine (machine.#{name}): write run_remote for that" }
    end
  end

  module TriggerRun
    # Calls the block; its result is of no interest.
    def self.call(project, request)
      wanted = request[:trigger]
      name = wanted[:machine].to_sym
      config, choice = project.machine(name)
      trigger = config.trigger.public_send(:"#{wanted[:when]}_triggers")[wanted[:index]]
      block = trigger&.ruby
      raise Refused, "there is no such trigger" unless block.respond_to?(:call)

      env = TriggerEnvironment.new(project, request)
      block.call(env, TriggerMachine.new(name, config, choice[:provider], env, wanted[:facts]))
      { machines: [] }
    end
  end
end
