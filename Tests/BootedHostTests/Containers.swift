import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// Images of a booted host, and what an engine has left behind.
enum Containers {
  /// Gives an image that was made for the tests a name in Podman.
  static func load(_ image: String, as reference: String) async throws {
    try await BootedHost.run("load-image", "podman", image, reference)
  }

  /// An image that answers health checks on a port of its own, as the real one would.
  static func load(port: Int, as reference: String) async throws {
    let words = importing(port: port, as: reference)
    try await SubprocessRunner().succeed(Command(words[0], Array(words.dropFirst())))
  }

  /// The command for it.
  static func importing(port: Int, as reference: String) -> [String] {
    let changes = [
      "ENV PATH=/usr/bin", "ENV VERSION=1", "ENV PORT=\(port)", "CMD [\"/usr/bin/perl\",\"/srv/server.pl\"]",
    ]
    return ["podman", "import", "--quiet"] + changes.flatMap { ["--change", $0] }
      + ["/var/lib/berth-test/images/web.tar", reference]
  }

  /// Everything that Podman has but images: a test leaves nothing of it.
  static func left() async throws -> [String] {
    let containers = try await BootedHost.output("podman", "ps", "--all", "--format", "{{.Names}}")
    let networks = try await BootedHost.output("podman", "network", "ls", "--format", "{{.Name}}")
    let volumes = try await BootedHost.output("podman", "volume", "ls", "--format", "{{.Name}}")
    return (containers + "\n" + networks + "\n" + volumes).split(separator: "\n").map(String.init).filter {
      $0 != "podman"
    }.sorted()
  }

  /// What a web server of this host says; nil for anything but 200.
  static func answer(_ port: Int, _ path: String = "/version") async throws -> String? {
    let result = try await SubprocessRunner().run(
      Command("curl", ["--silent", "--fail", "--max-time", "5", "http://127.0.0.1:\(port)\(path)"]))
    return result.status == 0 ? result.output.trimmingCharacters(in: .whitespacesAndNewlines) : nil
  }

  /// A plugin with one container, whose image is a setting.
  static func put(_ id: String, in folder: String, port: Int, extra: String = "", ready: String? = nil) throws {
    let yaml = """
      schema: 1
      id: \(id)
      name: \(id)
      summary: Only for a test
      category: web
      version: "1"
      settings:
        image: { type: image, default: "localhost/berth-test/\(id):1" }
        text: { type: string, default: plain }
      ports:
        http: { protocol: tcp, default: \(port), bind: 127.0.0.1, target: 8080 }
      services:
        main:
          container: { image: "{{settings.image}}", user: "{{instance.uid}}:{{instance.gid}}" }
          env: { TEXT: "{{settings.text}}" }
          mounts: { /config: "{{paths.data}}/config" }
          stop: { grace: 5s }
          ready: { \(ready ?? "http: { port: http, path: /health }"), timeout: 20s }
          limits: { memory: 256M, tasks: 64 }
      \(extra)
      backup:
        config: { files: ["{{paths.data}}/config"], hot: true }
      """
    try FileManager.default.createDirectory(atPath: "\(folder)/\(id)", withIntermediateDirectories: true)
    try yaml.write(toFile: "\(folder)/\(id)/plugin.yaml", atomically: true, encoding: .utf8)
  }
}
