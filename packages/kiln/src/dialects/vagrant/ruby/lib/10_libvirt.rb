# frozen_string_literal: true

module Kiln
  # Methods of vagrant-libvirt's configuration; what they take is documented with that plugin.
  module LibvirtMethods
    DISK_DRIVER_OPTIONS = %i[cache io copy_on_read discard detect_zeroes].freeze
    TIMER_OPTIONS = %i[name track tickpolicy frequency mode present].freeze

    def boot(device)
      @boot_order << device
    end

    def cpu_feature(options = {})
      needs(options, :name, :policy)
      added(:@cpu_features, options.slice(:name, :policy))
    end

    def hyperv_feature(options = {})
      needs(options, :name, :state)
      needs(options, :retries) if options[:name] == "spinlocks"
      added(:@features_hyperv, options.slice(:name, :state, *(:retries if options[:name] == "spinlocks")))
    end

    def clock_timer(options = {})
      needs(options, :name)
      unknown = options.keys - TIMER_OPTIONS
      raise Refused, "there is no clock timer option #{unknown.first}" unless unknown.empty?

      needs(options, *options.keys)
      @clock_timers << options.dup
    end

    def cputopology(options = {})
      needs(options, :sockets, :cores, :threads)
      @cpu_topology = options.slice(:sockets, :cores, :threads)
    end

    def cpuaffinitiy(affinity = {})
      @cpu_affinity = (@cpu_affinity == UNSET ? {} : @cpu_affinity).merge(affinity)
    end

    def memorybacking(option, config = {})
      needs(config, { source: :type, access: :mode, allocation: :mode }[option])
      added(:@memory_backing, { name: option, config: config })
    end

    def memtune(config = {})
      needs(config, :type, :value)
      options = { unit: "KiB" }.merge(config[:options] || {})
      @memtunes = @memtunes.merge(config[:type] => { value: config[:value], config: options })
    end

    def launchsecurity(options = {})
      raise Refused, "launchsecurity knows only the type sev" unless options[:type] == "sev"

      @launchsecurity_data = { cbitpos: 47, reducedPhysBits: 1, policy: "0x0003" }.merge(options.compact)
    end

    def input(options = {})
      needs(options, :type, :bus)
      added(:@inputs, options.slice(:type, :bus))
    end

    def channel(options = {})
      needs(options, :type)
      names = %i[type source_mode source_path target_address target_name target_port target_type disabled]
      added(:@channels, names.to_h { |name| [name, options[name]] })
    end

    def random(options = {})
      raise Refused, "random knows only the model random" unless [nil, "random"].include?(options[:model])

      @rng = { model: options[:model] }
    end

    def pci(options = {})
      needs(options, :bus, :slot, :function)
      names = %i[domain bus slot function guest_domain guest_bus guest_slot guest_function]
      added(:@pcis, names.to_h { |name| [name, options[name]] }.merge(domain: options[:domain] || "0x0000"))
    end

    def watchdog(options = {})
      needs(options, :model)
      @watchdog_dev = { model: options[:model], action: options[:action] || "reset" }
    end

    def usb_controller(options = {})
      needs(options, :model)
      @usbctl_dev = options.slice(:model, :ports)
    end

    def usb(options = {})
      unless (options[:bus] && options[:device]) || options[:vendor] || options[:product]
        raise Refused, "usb wants bus and device, or vendor, or product"
      end

      added(:@usbs, %i[bus device vendor product startupPolicy].to_h { |name| [name, options[name]] })
    end

    def redirdev(options = {})
      needs(options, :type)
      added(:@redirdevs, { type: options[:type] })
    end

    def redirfilter(options = {})
      needs(options, :allow)
      defaults = { class: -1, vendor: -1, product: -1, version: -1 }
      added(:@redirfilters, defaults.merge(options.slice(:class, :vendor, :product, :version, :allow).compact))
    end

    def smartcard(options = {})
      needs(options, :mode)
      @smartcard_dev = { mode: options[:mode], type: options[:type] || "spicevmc" }
      return unless options[:type] == "tcp"

      needs(options, :source_mode, :source_host, :source_service)
      @smartcard_dev = @smartcard_dev.merge(options.slice(:source_mode, :source_host, :source_service))
    end

    def disk_driver(options = {})
      @disk_driver_opts = options.slice(*DISK_DRIVER_OPTIONS)
    end

    def storage(type, options = {})
      return unless type == :file

      case options[:device]
      when :cdrom then @cdroms << { type: "raw", bus: "ide", path: nil, dev: nil }.merge(options.slice(:type, :dev, :bus, :path))
      when :floppy then @floppies << { bus: "fdc", path: nil, dev: nil }.merge(options.slice(:dev, :bus, :path))
      else @disks << new_disk(options)
      end
    end

    def qemuargs(options = {})
      added(:@qemu_args, options) if options[:value]
    end

    def qemuenv(options = {})
      @qemu_env = (@qemu_env == UNSET ? {} : @qemu_env).merge(options)
    end

    def serial(options = {})
      added(:@serials, { type: "pty", source: nil }.merge(options.slice(:type, :source)))
    end

    private

    def new_disk(options)
      names = %i[device type address_type size path bus cache allow_existing shareable serial io copy_on_read discard
                 detect_zeroes pool wwn]
      given = { type: "qcow2", size: "10G", bus: "virtio" }.merge(options)
      names.to_h { |name| [name, given[name]] }.merge(cache: options[:cache] || "default")
    end

    def added(variable, value)
      list = instance_variable_get(variable)
      instance_variable_set(variable, (list == UNSET ? [] : list) + [value])
    end

    def needs(options, *names)
      missing = names.compact.find { |name| options[name].nil? }
      raise Refused, "#{caller_locations(1, 1).first.base_label} wants a value for #{missing}" if missing
    end
  end

  libvirt = providers[:libvirt]
  # Before the class's own: `channel` is a setting, too, that nothing uses.
  libvirt.prepend(LibvirtMethods)
  libvirt.prepend(Merging.lists(:disks, :cdroms, :floppies, :clock_timers, :inputs, :serials))
  libvirt.prepend(Merging.maps(:memtunes, :disk_driver_opts, :qemu_env))
  libvirt.class_eval do
    def merge(other)
      super.tap do |result|
        result.instance_variable_set(:@boot_order, other.boot_order.empty? ? boot_order : other.boot_order)
        both = [sysinfo, other.sysinfo].reject { |one| one == UNSET }
        next if both.empty?

        joined = both.reduce { |a, b| a.merge(b) { |_key, x, y| x.respond_to?(:each_pair) ? x.merge(y) : x + y } }
        result.instance_variable_set(:@sysinfo, joined)
      end
    end
  end
end
