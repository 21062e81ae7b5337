import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  @Suite("a pool that people use meanwhile")
  struct PoolTests {
    init() throws { try BootedHost.require() }

    private static let image = "localhost/berth-test/desk:1"

    /// Two instances behind one name, in which somebody reads and writes all the time.
    private static func with(
      _ kind: ProxyConfig.Kind, _ body: (Person, WebProxy) async throws -> Void
    ) async throws {
      try await Containers.load("web-1", as: image)
      try await BootedHost.withPlugins { plugins in
        try Containers.put(
          "desk", in: plugins, port: 18300,
          extra: "routes:\n        web: { host: desk.example, port: http }")
        let root = Person.root.with(plugins: plugins)
        try await WebProxy.with(kind) { proxy in
          let result: Result<Void, any Error>
          do {
            for name in ["A", "B"] {
              _ = try await root.install("desk", "--instance-name", name, "--pool", "desks")
            }
            result = .success(try await body(root, proxy))
          } catch { result = .failure(error) }
          _ = try await root.berth("remove", "desk", "--all", "--yes")
          try result.get()
          #expect(proxy.sites == [])
        }
      }
      #expect(try await Containers.left() == [])
    }

    @Test(
      "no request is lost while instances stop, start, restart and are updated, and none to one that refuses or stands still",
      arguments: ProxyConfig.Kind.allCases)
    func losesNothing(_ kind: ProxyConfig.Kind) async throws {
      // What an administrator does whose Caddy of 2022 has a socket of its own for each configuration: else the kernel
      // resets connections that wait for the former one when it is reloaded.
      try await BootedHost.run("sysctl", "--write", "net.ipv4.tcp_migrate_req=1")
      try await Self.with(kind) { root, proxy in
        func berth(_ words: String...) async throws {
          let run = try await root.berth(words)
          #expect(run.status == 0, "\(words): \(run.errors)")
        }
        let load = Load(proxy, "desk.example")
        let stopped = try await load.during {
          try await berth("stop", "desk", "--instance", "A")
          // Somebody asks while it is down, too.
          try await Task.sleep(for: .seconds(4))
          try await berth("start", "desk", "--instance", "A")
        }
        #expect(stopped.failures == [], "stop and start: \(stopped)")
        let restarted = try await load.during { try await berth("restart", "desk", "--all") }
        #expect(restarted.failures == [], "restart: \(restarted)")
        try await Containers.load("web-2", as: Self.image)
        let updated = try await load.during { try await berth("update", "desk", "--all") }
        #expect(updated.failures == [], "update: \(updated)")
        #expect(try await proxy.get("desk.example") == .init(status: 200, text: "2"))
        let paused = try await load.during {
          try await BootedHost.run("podman", "pause", "desk_a")
          try await Task.sleep(for: .seconds(8))
          try await BootedHost.run("podman", "unpause", "desk_a")
        }
        #expect(paused.failures == [], "pause: \(paused)")
        let killed = try await load.during {
          try await BootedHost.run("podman", "kill", "--signal", "KILL", "desk_b")
          try await Task.sleep(for: .seconds(6))
        }
        // What it was doing in that moment is done by nobody else, where it may have been done already.
        #expect(killed.failures.allSatisfy { $0.hasPrefix("POST ") }, "kill: \(killed)")
        #expect(killed.failures.count <= Load.writers, "kill: \(killed)")
        let removed = try await load.during { try await berth("remove", "desk", "--instance", "B", "--yes") }
        #expect(removed.failures == [], "remove: \(removed)")
      }
    }
  }
}

/// People who read and write all the time, in processes of their own.
struct Load {
  /// How many of them write.
  static let writers = 2

  /// What became of their requests.
  struct Result: CustomStringConvertible {
    var count = 0
    /// Such as `POST 502 0 after 1 s`, with what curl ended with.
    var failures: [String] = []

    /// What curl said of them.
    var words: [String] = []

    var description: String { "\(count) requests, \(failures.count) lost: \(failures.prefix(8)) \(words.prefix(8))" }
  }

  private let proxy: WebProxy
  private let host: String

  init(_ proxy: WebProxy, _ host: String) { (self.proxy, self.host) = (proxy, host) }

  /// Asks one question after the other until the file is there. Words of the question are its arguments, so that no shell
  /// reads them.
  private static let script = """
    my ($stop, $method, @words) = @ARGV;
    my ($count, $begun) = (0);
    open STDERR, '>', "$stop.$$" or die;
    until (-e $stop) {
      $begun = time;
      open my $answer, '-|', @words or die;
      my $status = <$answer> // 'none';
      close $answer;
      $count++;
      print "$method $status $? after ", time - $begun, " s\\n" if $? || $status ne '200';
    }
    open my $said, '<', "$stop.$$" or die;
    print "curl: $_" while <$said>;
    print "count $count\\n";
    """

  /// Does something while people read and write, and for a moment before and after.
  func during(_ body: () async throws -> Void) async throws -> Result {
    let folder = "/var/tmp/berth-load-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(count: 20_000).write(to: URL(fileURLWithPath: "\(folder)/form"))
    let words =
      proxy.curl(host, "/version") + [
        "--show-error", "--max-time", "60", "--output", "/dev/null", "--write-out", "%{http_code}",
      ]
    let form = ["--data-binary", "@\(folder)/form"]
    let stop = "\(folder)/stop"
    func person(_ method: String, _ more: [String]) -> Task<String, any Error> {
      Task {
        try await SubprocessRunner().run(Command("perl", ["-e", Self.script, stop, method] + words + more)).output
      }
    }
    let people = [person("GET", []), person("GET", [])] + (0..<Self.writers).map { _ in person("POST", form) }
    let outcome: Swift.Result<Void, any Error>
    do {
      try await Task.sleep(for: .seconds(1))
      try await body()
      try await Task.sleep(for: .seconds(1))
      outcome = .success(())
    } catch { outcome = .failure(error) }
    try Data().write(to: URL(fileURLWithPath: stop))
    var result = Result()
    for person in people {
      for line in try await person.value.split(separator: "\n") {
        if line.hasPrefix("count "), let count = Int(line.dropFirst("count ".count)) {
          // Nobody has lost anything who has asked nothing.
          #expect(count > 1)
          result.count += count
        } else if line.hasPrefix("curl: ") {
          result.words.append(String(line))
        } else {
          result.failures.append(String(line))
        }
      }
    }
    try outcome.get()
    return result
  }
}
