# frozen_string_literal: true

module Kiln
  # Every way to start a program ends here. The host decides; what it does not run looks as if it could not be started.
  module Commands
    # What `Process::Status` is for a real child.
    Status = Struct.new(:exitstatus) do
      def success?
        exitstatus&.zero?
      end

      def exited?
        true
      end

      def signaled?
        false
      end

      def pid
        2
      end

      def to_i
        (exitstatus || 127) << 8
      end

      def ==(other)
        other.is_a?(Integer) ? to_i == other : super
      end

      def to_s
        "pid #{pid} exit #{exitstatus}"
      end
    end

    Outcome = Struct.new(:ran, :status, :out, :error, :missing)

    class << self
      attr_accessor :last_status

      # Takes what `Process.spawn` takes. Options may redirect the output.
      def run(words, input: nil, place: Kiln.place(caller_locations(1)))
        options = words.last.is_a?(Hash) ? words.pop : {}
        environment = words.first.is_a?(Hash) ? words.shift : {}
        words = words.map { |word| word.is_a?(Array) ? word.first.to_s : word.to_s }
        ask = { shell: words.length == 1, words: words, environment: environment.transform_values { |value| value&.to_s },
                folder: (options[:chdir] || Dir.pwd).to_s, input: input&.to_s, place: place }
        # Only programs that are run need to be told, and asking is watched.
        reply = Channel.call("command", variables: Kiln.trusted ? ENV.to_hash : {}, **ask)
        self.last_status = Status.new(reply[:status])
        Outcome.new(reply[:ran], last_status, reply[:out], reply[:error], reply[:missing])
      end

      # As `run`; a program that does not exist is an error, as it is for all but `system`.
      def run!(words, **more)
        run(words, **more).tap { |outcome| raise Errno::ENOENT, words.first.to_s if outcome.missing }
      end

      def show(outcome)
        $stdout.write(outcome.out)
        $stderr.write(outcome.error)
      end
    end
  end

  $kiln_status = nil

  class << self
    attr_accessor :trusted
  end
end

# `$?` can only be set by Ruby itself, so it becomes another name for ours.
alias $? $kiln_status
alias $CHILD_STATUS $kiln_status

module Kernel
  def system(*words, exception: false, **options)
    outcome = Kiln::Commands.run([*words, options])
    $kiln_status = outcome.status
    Kiln::Commands.show(outcome)
    raise Errno::ENOENT, words.first.to_s if exception && !outcome.ran
    raise "Command failed with exit #{outcome.status.exitstatus}: #{words.first}" if exception && !outcome.status.success?

    outcome.ran ? outcome.status.success? : nil
  end

  def `(command)
    outcome = Kiln::Commands.run!([command])
    $kiln_status = outcome.status
    $stderr.write(outcome.error)
    outcome.out
  end

  def spawn(*words, **options)
    system(*words, **options)
    2
  end

  def exec(*words, **)
    reply = Kiln::Channel.call("exec", words: words.reject { |word| word.is_a?(Hash) }.map(&:to_s), place: Kiln.place)
    throw(:kiln_restart, reply) if reply[:restart]
    raise Kiln::Refused, "the file wants to become another program: #{words.join(" ")}"
  end

  def fork
    raise Kiln::Refused, "the file wants to start a second process (fork)"
  end

  private :system, :`, :spawn, :exec, :fork

  kiln_open = instance_method(:open)
  define_method(:open) do |path, *rest, **options, &block|
    text = path.respond_to?(:to_str) ? path.to_str : ""
    return IO.popen(text[1..], &block) if text.start_with?("|")
    return Kiln.refuse_network if text.match?(%r{\A(?:https?|ftp)://}) && !File.exist?(text)

    kiln_open.bind_call(self, path, *rest, **options, &block)
  end
  private :open
end

module Kiln
  # The file asked for something that is not done for it.
  class Refused < StandardError; end

  # What the methods are when they are called on a module, as in `Kernel.system`.
  module AsModule
    %i[system ` spawn exec fork open].each do |name|
      define_method(name) { |*words, **options, &block| Object.new.send(name, *words, **options, &block) }
    end
  end
end

Kernel.singleton_class.prepend(Kiln::AsModule)

module Process
  class << self
    def spawn(...)
      Object.new.send(:spawn, ...)
    end

    def exec(...)
      Object.new.send(:exec, ...)
    end

    def fork(*)
      Object.new.send(:fork)
    end

    def daemon(*)
      Object.new.send(:fork)
    end

    def wait(*)
      2
    end

    alias wait2 wait
    alias waitpid wait
    alias waitall wait
    alias detach wait

    def kill(*)
      raise Kiln::Refused, "the file wants to send a signal to a process"
    end

    def last_status
      Kiln::Commands.last_status
    end
  end
end

class IO
  class << self
    def popen(*words, **options)
      words = words.reject { |word| word.is_a?(String) && word.match?(/\A[rwab+]+\z/) && words.length > 1 }
      words = words.flat_map { |word| word.is_a?(Array) ? word : [word] }
      outcome = Kiln::Commands.run!([*words, options])
      $kiln_status = outcome.status
      io = StringIO.new(outcome.out)
      block_given? ? yield(io) : io
    end

    def pipe(*)
      raise Kiln::Refused, "the file wants to talk to another process (IO.pipe)"
    end
  end
end

module Open3
  class << self
    def capture3(*words, stdin_data: nil, **options)
      outcome = Kiln::Commands.run!([*words, options], input: stdin_data)
      [outcome.out, outcome.error, outcome.status]
    end

    def capture2(...)
      out, _error, status = capture3(...)
      [out, status]
    end

    def capture2e(...)
      out, error, status = capture3(...)
      [out + error, status]
    end

    def popen3(*words, **options)
      outcome = Kiln::Commands.run!([*words, options])
      streams = [StringIO.new(+""), StringIO.new(outcome.out), StringIO.new(outcome.error)]
      waiter = Struct.new(:value, :pid).new(outcome.status, 2)
      block_given? ? yield(*streams, waiter) : [*streams, waiter]
    end

    def popen2(*words, **options)
      outcome = Kiln::Commands.run!([*words, options])
      waiter = Struct.new(:value, :pid).new(outcome.status, 2)
      streams = [StringIO.new(+""), StringIO.new(outcome.out), waiter]
      block_given? ? yield(*streams) : streams
    end

    alias popen2e popen2
  end
end
