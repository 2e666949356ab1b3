# frozen_string_literal: true

# What the Ruby that Vagrant brings, or brought, has and this one has not.

class File
  class << self
    alias exists? exist?
  end
end

class Dir
  class << self
    alias exists? exist?
  end
end

class Object
  %i[taint untaint trust untrust].each { |name| define_method(name) { self } }
  %i[tainted? untrusted?].each { |name| define_method(name) { false } }

  # `debug = ENV.fetch("DEBUG", false)`, and then `debug =~ /true/`.
  def =~(_pattern)
    nil
  end

  Fixnum = Integer unless const_defined?(:Fixnum)
  Bignum = Integer unless const_defined?(:Bignum)
end

class Random
  DEFAULT = Random unless const_defined?(:DEFAULT)
end

class Hash
  # `{"a" => 1}` before Ruby 3.4: texts that are made of it end up in scripts.
  def inspect
    return "{...}" if Thread.current[:kiln_inspecting]&.include?(object_id)

    outer = Thread.current[:kiln_inspecting]
    begin
      Thread.current[:kiln_inspecting] = [*outer, object_id]
      "{#{map { |key, value| "#{key.inspect}=>#{value.inspect}" }.join(", ")}}"
    ensure
      Thread.current[:kiln_inspecting] = outer
    end
  end

  alias to_s inspect
end

module URI
  class << self
    def escape(text, unsafe = nil)
      unsafe ? DEFAULT_PARSER.escape(text, unsafe) : DEFAULT_PARSER.escape(text)
    end

    def unescape(text)
      DEFAULT_PARSER.unescape(text)
    end

    alias encode escape
    alias decode unescape
  end
end
