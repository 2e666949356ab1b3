# frozen_string_literal: true

module Kiln
  # Configuration of version 1 (`Vagrant::Config.run`), which is turned into one of version 2 after it was made.
  module Version1
    SSH = %i[username password host port guest_port max_tries timeout private_key_path forward_agent forward_x11 forward_env
             shell].freeze
    VM = %i[name auto_port_range base_mac boot_mode box box_url guest host_name].freeze

    class Group < Vagrant::Config::V2::DummyConfig
      def self.with(*names)
        Class.new(self) { settings(names.to_h { |name| [name, nil] }) }
      end

      # What was set, by name.
      def given
        self.class.all_settings.keys.to_h { |name| [name, public_send(name)] }.reject { |_name, value| value == UNSET }
      end
    end

    class VM1 < Group.with(*VM)
      attr_reader :kiln_networks, :kiln_provisioners, :kiln_customizations, :kiln_folders, :kiln_machines

      def initialize
        @kiln_networks = []
        @kiln_provisioners = []
        @kiln_customizations = []
        @kiln_folders = {}
        @kiln_machines = []
      end

      def forward_port(guest, host, options = {})
        adapter, protocol = options.values_at(:adapter, :protocol)
        more = { virtualbox__adapter: adapter, virtualbox__protocol: protocol }
        @kiln_networks << [:forwarded_port, more.merge(guest: guest, host: host)]
      end

      def network(type, *arguments)
        options = arguments.last.is_a?(Hash) ? arguments.pop.dup : {}
        case type.to_sym
        when :hostonly then @kiln_networks << [:private_network, options.merge(ip: arguments.first)]
        when :bridged then @kiln_networks << [:public_network, options]
        else Kiln.note("version1", what: "the network #{type} is unknown")
        end
      end

      def share_folder(name, guestpath, hostpath, options = {})
        base = { create: false, owner: nil, group: nil, nfs: false, transient: false, extra: nil }
        @kiln_folders[name] = [hostpath.to_s, guestpath.to_s, base.merge(options)]
      end

      def provision(name, options = {}, &block)
        @kiln_provisioners << [name, options || {}, block]
      end

      def customize(command = nil)
        @kiln_customizations << command if command
      end

      def define(name, options = {}, &block)
        @kiln_machines << [name, (options || {}).merge(config_version: "1"), block]
      end
    end

    # What a version 1 block is called with.
    class Root
      TYPES = { vm: VM1, ssh: Group.with(*SSH), nfs: Group.with(:map_uid, :map_gid), package: Group.with(:name),
                vagrant: Group.with(:dotfile_name, :host) }.freeze

      def initialize
        @groups = {}
      end

      def method_missing(name, *)
        Kiln.note("version1", what: "there is no config.#{name}") unless TYPES.key?(name)
        @groups[name] ||= (TYPES[name] || Vagrant::Config::V2::DummyConfig).new
      end

      def respond_to_missing?(name, *)
        TYPES.key?(name)
      end

      def upgrade
        Vagrant::Config::V2::Root.new.tap do |root|
          %i[ssh nfs package vagrant].each { |name| copy(@groups[name], root.public_send(name)) if @groups[name] }
          upgrade_vm(@groups[:vm], root.vm) if @groups[:vm]
        end
      end

      private

      def copy(group, section)
        group.given.each { |name, value| section.public_send(:"#{name}=", value) if section.respond_to?(:"#{name}=") }
      end

      def upgrade_vm(old, new)
        given = old.given
        names = { auto_port_range: :usable_port_range, host_name: :hostname }
        given.except(:name, :boot_mode).each { |name, value| new.public_send(:"#{names[name] || name}=", value) }
        customizations = old.kiln_customizations
        if given[:boot_mode] || !customizations.empty?
          new.provider(:virtualbox) do |virtualbox|
            virtualbox.gui = given[:boot_mode].to_s == "gui" if given[:boot_mode]
            customizations.each { |command| virtualbox.customize(command) }
          end
        end
        old.kiln_networks.each { |type, options| new.network(type, **options) }
        old.kiln_provisioners.each { |name, options, block| new.provision(name, **options, &block) }
        old.kiln_folders.each do |name, (host, guest, options)|
          new.synced_folder(host, guest, options.merge(id: name == "v-root" ? "vagrant-root" : name))
        end
        old.kiln_machines.each { |name, options, block| new.define(name, options, &block) }
      end
    end
  end
end
