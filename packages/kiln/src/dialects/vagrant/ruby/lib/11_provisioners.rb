# frozen_string_literal: true

module Kiln
  class << self
    def provisioners
      @provisioners ||= TABLES[:provisioners].transform_values { |table| section_class(table) }
    end

    # Provisioners that the file defines itself.
    def own_provisioners
      @own_provisioners ||= {}
    end

    def own_provisioner_configs
      @own_provisioner_configs ||= {}
    end

    def provisioner_class(type)
      own_provisioner_configs[type]&.call || provisioners[type] || Vagrant::Config::V2::PluginConfig
    end

    def provisioner_known?(type)
      provisioners.key?(type) || own_provisioners.key?(type)
    end
  end

  TABLES[:plugins].each do |plugin|
    plugin[:provisioners].each do |name, table|
      provisioners[name] = section_class(table, Vagrant::Config::V2::PluginConfig)
    end
  end

  %i[ansible ansible_local].each do |name|
    provisioners[name].class_eval do
      # Names of older versions.
      { sudo: :become, sudo_user: :become_user, ask_sudo_pass: :ask_become_pass }.each do |old, new|
        next unless method_defined?(new)

        define_method(old) { public_send(new) }
        define_method(:"#{old}=") do |value|
          Kiln.note("renamed", name: old, use: new)
          public_send(:"#{new}=", value)
        end
      end
    end
  end

  chef = Module.new do
    def add_recipe(name)
      run_list << (name.match?(/\Arecipe\[.+\]\z/) ? name : "recipe[#{name}]")
    end

    def add_role(name)
      run_list << (name.match?(/\Arole\[.+\]\z/) ? name : "role[#{name}]")
    end
  end

  %i[chef_solo chef_zero chef_client].each do |name|
    provisioners[name].include(chef)
    provisioners[name].prepend(Merging.maps(:json))
    provisioners[name].prepend(Merging.lists(:run_list))
  end

  %i[puppet puppet_server].each { |name| provisioners[name].prepend(Merging.maps(:facter)) }

  provisioners[:puppet].class_eval do
    def nfs=(value)
      Kiln.note("renamed", name: "nfs", use: "synced_folder_type")
      self.synced_folder_type = value ? "nfs" : nil
    end
  end

  provisioners[:salt].class_eval do
    def pillar(data)
      @pillar_data = Vagrant::Util::DeepMerge.deep_merge(@pillar_data == UNSET ? {} : @pillar_data, data)
    end
  end

  %i[docker podman].each do |name|
    provisioners[name].class_eval do
      def images=(images)
        @images = images.to_a
      end

      def pull_images(*images)
        @images |= images.flatten.map(&:to_s)
      end

      def build_image(path, **options)
        @build_images << [path, options]
      end

      def run(name, **options)
        @containers = @containers.merge(name.to_s => options)
      end

      def post_install_provision(name, **options, &block)
        proxy = VagrantPlugins::Kernel_V2::VMConfig.new
        proxy.provision(name, **options, &block)
        @post_install_provisioner = proxy.provisioners.first
      end

      def merge(other)
        super.tap do |result|
          result.instance_variable_set(:@images, other.images | images)
          result.instance_variable_set(:@build_images, build_images + other.build_images)
          result.instance_variable_set(:@containers, containers.merge(other.containers) { |_name, a, b| a.merge(b) })
        end
      end
    end
  end

  provisioners[:hosts].class_eval do
    def add_host(address, names)
      @hosts << [address, Array(names)]
    end

    def add_localhost_hostnames=(value)
      @add_localhost_hostnames = value
    end
  end
end

module Vagrant
  module Plugin
    module V2
      class Component
        def initialize(*); end
      end

      class Provisioner < Component
        attr_reader :machine, :config

        def initialize(machine = nil, config = nil)
          super()
          @machine = machine
          @config = config
        end

        def configure(_root_config); end

        def provision; end

        def cleanup; end
      end

      class Command < Component; end
      class Communicator < Component; end
      class Guest < Component; end
      class Host < Component; end
      class Provider < Component; end
      class Push < Component; end
      class SyncedFolder < Component; end

      COMPONENTS = {
        command: Command, communicator: Communicator, config: Config, guest: Guest, host: Host, provider: Provider,
        provisioner: Provisioner, push: Push, synced_folder: SyncedFolder,
      }.freeze

      # A plugin that a Vagrantfile defines itself: its settings and provisioners are known from then on.
      class Plugin
        ALL_ACTIONS = :__all_actions__

        class << self
          def name(*words)
            words.empty? ? super() : nil
          end

          def description(*); end

          def config(name, scope = nil, &block)
            if scope == :provisioner
              Kiln.own_provisioner_configs[name.to_sym] = block
            elsif scope.nil?
              Kiln.sections[name.to_sym] = block.call
            end
          end

          def provisioner(name, &block)
            Kiln.own_provisioners[name.to_sym] = block
          end

          %i[action_hook command communicator guest guest_capability host host_capability provider provider_capability push
             synced_folder synced_folder_capability].each do |name|
            define_method(name) { |*, **| Kiln.note("plugin_part", name: name) }
          end

          def manager
            self
          end

          def registered
            []
          end

          def provisioners
            Kiln.provisioners
          end
        end
      end
    end
  end
end
