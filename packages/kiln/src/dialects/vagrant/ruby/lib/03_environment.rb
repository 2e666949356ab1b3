# frozen_string_literal: true

module Kiln
  # Notes which variables are looked at, so that the result can be used again as long as they stay the same.
  module WatchedEnvironment
    ONE = %i[[] fetch key? include? has_key? member? assoc delete].freeze
    SOME = %i[values_at slice].freeze
    # Setting a variable looks at nothing; everything else may look at all of them.
    NONE = %i[[]= store update merge! replace clear freeze].freeze

    class << self
      attr_reader :names

      def saw(*names)
        @names.concat(names.map(&:to_s)) if @names
      end

      def start
        @names = []
      end
    end

    ONE.each do |name|
      define_method(name) do |key, *rest, &block|
        WatchedEnvironment.saw(key)
        super(key, *rest, &block)
      end
    end

    SOME.each do |name|
      define_method(name) do |*keys|
        WatchedEnvironment.saw(*keys)
        super(*keys)
      end
    end

    everything = ENV.singleton_methods + Enumerable.instance_methods
    (everything.uniq - ONE - SOME - NONE).each do |name|
      define_method(name) do |*arguments, **options, &block|
        WatchedEnvironment.saw("*")
        super(*arguments, **options, &block)
      end
    end

    ENV.singleton_class.prepend(self)
  end

  # What of the host Ruby itself claims to run on.
  def self.pretend_host(platform:, host_os:, cpu:)
    replace_constant(Object, :RUBY_PLATFORM, platform)
    RbConfig::CONFIG.merge!("host_os" => host_os, "target_os" => host_os, "host_cpu" => cpu, "arch" => platform)
  end

  def self.replace_constant(owner, name, value)
    owner.send(:remove_const, name) if owner.const_defined?(name, false)
    owner.const_set(name, value)
  end
end
