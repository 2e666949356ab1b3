# frozen_string_literal: true

# What vagrant-env reads.
module Dotenv
  LINE = /\A\s*(?:export\s+)?(?<name>[A-Za-z_][A-Za-z0-9_.]*)\s*(?:=|:\s)\s*(?<value>.*)\z/

  class << self
    def load(*files)
      read(files).each { |name, value| ENV[name] = value unless ENV.key?(name) }
    end

    def overload(*files)
      read(files).each { |name, value| ENV[name] = value }
    end

    alias overwrite overload

    def load!(*files)
      missing = (files.empty? ? [".env"] : files).find { |file| !File.exist?(file) }
      raise Errno::ENOENT, missing if missing

      load(*files)
    end

    def parse(*files)
      read(files)
    end

    private

    def read(files)
      files = [".env"] if files.empty?
      files.select { |file| File.file?(file) }.reduce({}) { |all, file| parse_text(File.read(file), all) }
    end

    def parse_text(text, all)
      # A value in quotes may have several lines.
      text.scan(/^[^\n"']*"(?:\\.|[^"\\])*"|^[^\n"']*'[^']*'|^[^\n]*/m).each do |line|
        found = LINE.match(line.strip)
        all = all.merge(found[:name] => value_of(found[:value], all)) if found
      end
      all
    end

    def value_of(text, known)
      case text
      when /\A'(.*)'/m then Regexp.last_match(1)
      when /\A"(.*)"/m then expand(Regexp.last_match(1).gsub("\\n", "\n").gsub("\\r", "\r").gsub(/\\(["\\])/, '\1'), known)
      else expand(text.sub(/\s+#.*\z/, "").sub(/\A#.*\z/, "").strip, known)
      end
    end

    def expand(text, known)
      text.gsub(/(?<!\\)\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/) { ENV[Regexp.last_match(1)] || known[Regexp.last_match(1)] || "" }
    end
  end
end
