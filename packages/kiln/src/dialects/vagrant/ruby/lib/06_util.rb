# frozen_string_literal: true

module Vagrant
  # Helpers of Vagrant's that Vagrantfiles use.
  module Util
    class Platform
      class << self
        def platform
          RbConfig::CONFIG["host_os"].downcase
        end

        def darwin?
          platform.include?("darwin")
        end

        def linux?
          platform.include?("linux")
        end

        def windows?
          false
        end

        %i[cygwin? msys? windows_admin? windows_hyperv_admin? windows_hyperv_enabled? wsl_windows_access? jruby?].each do |name|
          define_method(name) { |*| false }
        end

        def wsl?
          linux? && Kiln.host[:uname][:release].match?(/microsoft/i)
        end

        def bsd?
          platform.include?("bsd")
        end

        def bit64?
          true
        end

        def bit32?
          false
        end

        def fs_case_sensitive?
          !darwin?
        end

        def fs_real_path(path, **)
          Pathname.new(File.expand_path(path))
        end

        def terminal_supports_colors?
          true
        end

        %i[unix_windows_path cygwin_path cygwin_windows_path wsl_to_windows_path windows_unc_path format_windows_path
           windows_path].each { |name| define_method(name) { |path, *| path.to_s } }

        def systemd?
          linux?
        end

        def architecture
          RbConfig::CONFIG["host_cpu"].sub("x86_64", "amd64").sub("aarch64", "arm64")
        end
      end
    end

    class Which
      def self.which(command, **)
        ENV["PATH"].to_s.split(File::PATH_SEPARATOR).map { |folder| File.join(folder, command) }.find { |path| File.file?(path) }
      end
    end

    class Subprocess
      Result = Struct.new(:exit_code, :stdout, :stderr)

      def self.execute(*words, **)
        options = words.last.is_a?(Hash) ? words.pop : {}
        outcome = Kiln::Commands.run([*words, { chdir: options[:workdir] }.compact])
        Result.new(outcome.status.exitstatus, outcome.out, outcome.error)
      end
    end

    module DeepMerge
      def self.deep_merge(first, second, &block)
        first.merge(second) do |key, old, new|
          next deep_merge(old, new, &block) if old.is_a?(Hash) && new.is_a?(Hash)

          block && old ? block.call(key, old, new) : new
        end
      end
    end

    class HashWithIndifferentAccess < Hash
      def initialize(hash = {}, &block)
        super(&block)
        update(hash)
      end

      def [](key)
        super(convert(key))
      end

      def []=(key, value)
        super(convert(key), value)
      end

      alias store []=

      %i[key? has_key? include? member? fetch delete dig].each do |name|
        define_method(name) { |key, *rest, &block| super(convert(key), *rest, &block) }
      end

      def update(other)
        other.each { |key, value| self[key] = value }
        self
      end

      alias merge! update

      def merge(other)
        dup.update(other)
      end

      private

      def convert(key)
        key.is_a?(Symbol) ? key.to_s : key
      end
    end

    class Numeric
      SIZES = { "KB" => 1024, "MB" => 1024**2, "GB" => 1024**3, "TB" => 1024**4 }.freeze

      def self.string_to_bytes(text)
        found = /\A(\d+)\s?(KB|MB|GB|TB)\z/.match(text.to_s.strip)
        found && found[1].to_i * SIZES.fetch(found[2])
      end

      def self.bytes_to_megabytes(bytes)
        (bytes / (1024.0 * 1024)).round(2)
      end
    end

    class Experimental
      def self.features_requested
        ENV["VAGRANT_EXPERIMENTAL"].to_s.downcase.split(",")
      end

      def self.enabled?
        !features_requested.empty? && features_requested.first != "0"
      end

      def self.global_enabled?
        features_requested == ["1"]
      end

      # What was experimental once simply works.
      def self.feature_enabled?(_name)
        true
      end

      def self.guard_with(*)
        yield if block_given?
      end
    end

    module Presence
      def presence(value)
        present?(value) ? value : false
      end

      def present?(value)
        case value
        when String then !value.strip.empty?
        when Symbol then !value.to_s.strip.empty?
        when Array, Hash then !value.empty?
        else !!value
        end
      end

      module_function :presence, :present?
    end

    class SafeChdir
      def self.safe_chdir(folder, &block)
        Dir.chdir(folder, &block)
      end
    end

    class CredentialScrubber
      def self.sensitive(text)
        Kiln.secrets << text.to_s
      end

      def self.scrub(text)
        text
      end

      def self.desensitize(text)
        Kiln.secrets.reduce(text.to_s) { |result, secret| secret.empty? ? result : result.gsub(secret, "*****") }
      end
    end

    class ShellQuote
      def self.escape(text, quote)
        text.gsub(/#{quote}/) { |found| "#{quote}\\#{found}#{quote}" }
      end
    end

    class NetworkIP
      DEFAULT_MASK = "255.255.255.0"

      def self.network_address(ip, mask)
        IPAddr.new(ip).mask(mask).to_s
      end
    end

    module Retryable
      def retryable(tries: 1, on: StandardError, **)
        yield
      rescue *Array(on)
        retry if (tries -= 1).positive?
        raise
      end
      module_function :retryable
    end

    module SilenceWarnings
      def self.silence!
        before = $VERBOSE
        $VERBOSE = nil
        yield
      ensure
        $VERBOSE = before
      end
    end

    module ScopedHashOverride
      def scoped_hash_override(original, scope)
        original.reduce(original.dup) do |result, (key, value)|
          name, option = key.to_s.split("__", 2)
          name == scope.to_s && option ? result.merge(option.to_sym => value) : result
        end
      end
      module_function :scoped_hash_override
    end

    # Whatever else the file uses of it is missed where it is used.
    autoload_names = %i[ANSIEscapeCodeRemover Busy CommandDeprecation Counter CurlHelper Downloader FileMode GuestInspection
                        Keypair LineBuffer LineEndingHelpers PowerShell SafeExec SSH StackedProcRunner StringBlockEditor
                        TemplateRenderer Uploader]
    autoload_names.each do |name|
      const_set(name, Class.new do
        define_singleton_method(:method_missing) do |called, *|
          raise Kiln::Refused, "the file uses Vagrant::Util::#{name}.#{called}, which Kiln does not have"
        end
        define_singleton_method(:respond_to_missing?) { |*| false }
      end)
    end
  end

  module Registry; end
end

module Kiln
  # Texts that must not be shown: `config.vagrant.sensitive` and environments of sensitive scripts.
  def self.secrets
    @secrets ||= []
  end
end
