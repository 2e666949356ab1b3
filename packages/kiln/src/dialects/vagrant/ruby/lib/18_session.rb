# frozen_string_literal: true

module Kernel
  def at_exit
    Kiln.note("at_exit")
  end

  def exit!(status = false)
    exit(status)
  end

  private :at_exit, :exit!
end

module Process
  def self.exit!(status = false)
    exit(status)
  end
end

module Kiln
  # One evaluation, from the request to its answer.
  module Session
    class << self
      def run
        request = Channel.call("begin")
        prepare(request)
        restart = catch(:kiln_restart) do
          finish(outcome { request[:trigger] ? TriggerRun.call(project(request), request) : Dump.project(project(request)) })
          nil
        end
        Channel.call("restart", **restart) if restart
      end

      # What an exception says to the writer of the file.
      def describe(error)
        trace = Kiln.users_frames(error.backtrace_locations)
        kind = case error
               when SystemExit then "exit"
               when SyntaxError then "syntax"
               when Refused then "refused"
               when Vagrant::Errors::VagrantError then "vagrant"
               else "exception"
               end
        {
          kind: kind,
          class: error.class.name,
          message: Dump.value(error.message.to_s),
          status: error.is_a?(SystemExit) ? error.status : nil,
          path: error.is_a?(SyntaxError) ? error.path : (error.respond_to?(:path) ? Dump.value(error.path) : nil),
          trace: trace.first(20),
        }
      end

      private

      def prepare(request)
        ENV.replace(request[:environment].transform_keys(&:to_s))
        Kiln.pretend_host(**request[:pretend])
        ARGV.replace(request[:words])
        $0 = "vagrant"
        Dir.chdir(request[:folder])
        Kiln.trusted = request[:trusted]
        Boxes.folder = request[:boxes][:folder]
        Boxes.architecture = request[:boxes][:architecture]
        request[:accepted].each { |name| Kiln.plugins[name] = "0" }
        $stdout.sync = true
        $stderr.sync = true
        WatchedEnvironment.start
      end

      # `.vagrantplugins` may define plugins, or load them from the project.
      def project(request)
        plugins = File.join(File.dirname(request[:root_file]), ".vagrantplugins")
        Kernel.load(plugins) if File.file?(plugins)
        Project.new(home: request[:home_file], root: request[:root_file])
      end

      def outcome
        yield
      rescue SystemExit, StandardError, ScriptError, NoMemoryError, SystemStackError => e
        { error: describe(e) }
      end

      def finish(result)
        Channel.call("result", **result, notes: Kiln.notes, secrets: Kiln.secrets, variables: WatchedEnvironment.names.uniq)
      end
    end
  end
end

$VERBOSE = nil
# Measuring itself would look at the clock, and a file that makes garbage would seem to depend on the time.
GC.measure_total_time = false
GC.start
