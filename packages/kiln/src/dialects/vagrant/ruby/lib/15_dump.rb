# frozen_string_literal: true

module Kiln
  # Turns configurations into plain data. Settings that were never set are left out.
  module Dump
    DEEPEST = 60
    EXACT = 2**53

    class << self
      def project(project)
        project.prepare
        {
          machines: project.machine_names.map { |name| guarded(name) { machine(project, name) } },
          vagrant: section(project.global.vagrant),
          pushes: project.global.push.compiled.transform_values { |strategy, config| { strategy: strategy, config: section(config) } },
        }
      end

      def machine(project, name)
        config, choice = project.machine(name)
        keys = config.kiln_keys
        definition = project.definition(name)
        {
          provider: choice[:provider],
          mentioned: config.vm.__providers,
          options: value(definition.options),
          place: definition.place,
          vm: vm(config.vm),
          sections: %i[ssh winrm winssh nfs smb package vagrant].to_h { |key| [key, section(keys[key])] },
          ssh_default: section(config.ssh.default),
          winssh_default: section(config.winssh.default),
          triggers: { before: config.trigger.before_triggers, after: config.trigger.after_triggers }.transform_values { |list| list.map { |one| trigger(one) } },
          plugins: plugins(config),
          missing: config.kiln_missing,
        }
      end

      def vm(config)
        networks, folders = config.part(:network_places), config.part(:folder_places)
        {
          **section(config),
          networks: config.part(:networks).map { |key, (type, options)| { type: type, options: value(options), place: networks[key] } },
          folders: config.synced_folders.map { |id, options| { id: value(id), options: value(options), place: folders[id] } },
          provisioners: config.provisioners.map { |one| provisioner(one) },
          disks: config.disks.map { |one| { place: one.place, **section(one) } },
          cloud_init: config.cloud_init_configs.map { |one| { place: one.place, **section(one) } },
          providers: config.part(:providers).keys.to_h { |name| [name, section(config.get_provider_config(name))] },
        }
      end

      def provisioner(one)
        { name: one.name, type: one.type, run: value(one.run), before: value(one.before), after: value(one.after),
          preserve_order: value(one.preserve_order), communicator_required: value(one.communicator_required),
          known: !one.invalid?, own: Kiln.own_provisioners.key?(one.type), place: one.place, config: section(one.config) }
      end

      def trigger(one)
        { command: value(one.command), place: one.place, **section(one) }
      end

      def plugins(config)
        own = %i[vm ssh winrm winssh vagrant nfs smb package trigger push]
        config.kiln_keys.except(*own).transform_values { |one| section(one) }.reject { |_name, one| one[:settings].empty? && one[:calls].empty? && one[:unknown].empty? }
      end

      # A group of settings: what was set, where, and what of it does not exist.
      def section(config)
        return { settings: {}, places: {}, unknown: {}, calls: [] } if config.nil?

        calls = config.respond_to?(:__calls) && config.is_a?(Vagrant::Config::V2::PluginConfig) ? config.__calls : []
        { settings: settings(config), places: config.places, unknown: config.unknown_settings, calls: calls.map { |call| value(call) } }
      end

      def value(thing, depth = 0)
        raise Refused, "a setting holds itself" if depth > DEEPEST

        case thing
        when nil, true, false then thing
        when Integer then thing.abs < EXACT ? thing : thing.to_s
        when Float then thing.finite? ? thing : thing.to_s
        when String then text(thing)
        when Symbol then thing == UNSET ? nil : text(thing.to_s)
        when Hash then thing.to_h { |key, one| [text(key.to_s), value(one, depth + 1)] }
        when Array, Set then thing.map { |one| value(one, depth + 1) }
        when Range then { first: value(thing.begin, depth + 1), last: value(thing.end, depth + 1) }
        when Regexp then { regexp: thing.source, options: thing.options }
        when Proc, Method then { ruby: thing.source_location }
        when VagrantPlugins::Kernel_V2::VagrantConfigProvisioner then provisioner(thing)
        when Section then settings(thing, depth + 1)
        else text(thing.to_s)
        end
      end

      private

      def settings(config, depth = 0)
        names_of(config).filter_map do |name|
          held = config.instance_variable_get(:"@#{name}")
          next if held == UNSET

          held = held.map { |event, command, place| [event, with_marks(command), place] } if name == "customizations"
          [name, value(held, depth)]
        end.to_h
      end

      # What Kiln knows the settings of has other variables besides; of the rest every variable is one.
      def names_of(config)
        known = config.is_a?(Vagrant::Config::V2::PluginConfig) ? {} : config.class.all_settings
        return known.keys.map(&:to_s) unless known.empty?

        config.instance_variables.reject { |variable| variable.start_with?("@__") || variable == :@kiln_closed }.map { |variable| variable.to_s.delete_prefix("@") }
      end

      # In commands for VirtualBox `:id` stands for the machine, `"id"` for itself.
      def with_marks(command)
        command.is_a?(Array) ? command.map { |word| word.is_a?(Symbol) ? ":#{word}" : word } : command
      end

      def text(string)
        string = string.dup.force_encoding(Encoding::UTF_8) if string.encoding == Encoding::BINARY || string.encoding == Encoding::US_ASCII
        string.encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub
      end

      # A machine that cannot be configured does not keep the others from it.
      def guarded(name)
        { name: name, **yield }
      rescue SystemExit, StandardError, ScriptError, NoMemoryError, SystemStackError => e
        { name: name, error: Session.describe(e) }
      end
    end
  end
end
