# frozen_string_literal: true

# Logging goes nowhere.
module Log4r
  %i[ALL TRACE DEBUG INFO WARN ERROR FATAL OFF].each_with_index { |name, level| const_set(name, level) }
  LNAMES = %w[ALL TRACE DEBUG INFO WARN ERROR FATAL OFF].freeze

  class Logger
    def initialize(*); end

    def self.[](_name)
      new
    end

    def self.global
      new
    end

    %i[trace debug info warn error fatal level= outputters= additive= add].each { |name| define_method(name) { |*| nil } }

    def level
      0
    end
  end

  class Outputter
    def self.stderr(*)
      Logger.new
    end

    def self.stdout(*)
      Logger.new
    end
  end

  # Formatters and outputters of all kinds.
  def self.const_missing(name)
    const_set(name, Class.new(Outputter) { def initialize(*); end })
  end
end

module I18n
  class << self
    def t(key, **data)
      "#{key}#{data.empty? ? "" : " #{data}"}"
    end

    alias translate t

    def load_path
      @load_path ||= []
    end

    def reload!; end
  end
end
