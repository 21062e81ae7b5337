import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// The guest's Caddy or nginx, as an administrator would have set it up, for one test.
struct WebProxy {
  let kind: ProxyConfig.Kind

  private static let dropIn = "/run/systemd/system/caddy.service.d"

  private var unit: String { kind.rawValue }
  /// The file of theirs that tests change.
  var file: String { kind == .caddy ? "/etc/caddy/Caddyfile" : "/etc/nginx/sites-available/default" }

  /// With a login called `gate`, for Ann with the password `open`, and certificates of its own making.
  private static func caddyfile(_ hash: String, _ admin: String) -> String {
    """
    {
    \tlocal_certs
    \tskip_install_trust
    \t\(admin)
    }
    (gate) {
    \tbasicauth {
    \t\tann \(hash)
    \t}
    }
    import /etc/caddy/conf.d/*.caddy

    """
  }

  /// Runs a proxy, names it in the host's settings, and puts everything back as it was.
  ///
  /// - Parameter admin: Caddy's line about its admin API; none leaves it where it listens by itself.
  static func with(
    _ kind: ProxyConfig.Kind, isRunning: Bool = true, admin: String = "admin unix//run/caddy/admin.sock",
    _ body: (WebProxy) async throws -> Void
  ) async throws {
    let proxy = WebProxy(kind: kind)
    let files = FileManager.default
    let kept = "/var/tmp/berth-proxy-\(UUID().uuidString.prefix(8))"
    try await BootedHost.run("cp", "--archive", kind.root, kept)
    try files.createDirectory(atPath: "/etc/berth", withIntermediateDirectories: true)
    try "schema: 1\nproxy: \(kind.rawValue)\n".write(toFile: "/etc/berth/host.yaml", atomically: true, encoding: .utf8)
    let result: Result<Void, any Error>
    do {
      switch kind {
      case .caddy:
        let hash = try await BootedHost.output("caddy", "hash-password", "--plaintext", "open")
        try proxy.write(Self.caddyfile(hash, admin), to: proxy.file)
        // What the remedy of 'proxy-admin' says.
        try files.createDirectory(atPath: Self.dropIn, withIntermediateDirectories: true)
        try proxy.write(
          "[Service]\nRuntimeDirectory=caddy\nRuntimeDirectoryMode=0700\n", to: "\(Self.dropIn)/test.conf")
        try await BootedHost.run("systemctl", "daemon-reload")
      case .nginx:
        try proxy.write(
          "auth_basic \"gate\";\nauth_basic_user_file /etc/nginx/people;\n", to: "/etc/nginx/snippets/gate.conf")
        try proxy.write("ann:{PLAIN}open\n", to: "/etc/nginx/people")
      }
      if isRunning { try await BootedHost.run("systemctl", "start", proxy.unit) }
      try await body(proxy)
      result = .success(())
    } catch { result = .failure(error) }
    try? await BootedHost.run("systemctl", "stop", proxy.unit)
    if kind == .caddy {
      try? files.removeItem(atPath: Self.dropIn)
      try? await BootedHost.run("systemctl", "daemon-reload")
    }
    try files.removeItem(atPath: "/etc/berth/host.yaml")
    try await BootedHost.run("rm", "-r", kind.root)
    try await BootedHost.run("mv", kept, kind.root)
    try result.get()
  }

  func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    chmod(path, 0o644)
  }

  func reload() async throws { try await BootedHost.run("systemctl", "reload", unit) }

  /// Everything in the proxy's configuration that is Berth's.
  var sites: [String] {
    [kind.sites, kind.pools].flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).map { "\(folder)/\($0)" }
    }.sorted()
  }

  /// An answer: its status and its text.
  struct Answer: Equatable {
    let status: Int
    let text: String
  }

  /// Asks for an address as a person's browser would, but for the certificate.
  func get(_ host: String, _ path: String = "/version", _ options: [String] = []) async throws -> Answer {
    let words = curl(host, path) + ["--max-time", "20", "--write-out", "\\n%{http_code}"] + options
    let output = try await SubprocessRunner().run(Command(words[0], Array(words.dropFirst()))).output
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
    let text = lines.dropLast().joined(separator: "\n").trimmingCharacters(in: .newlines)
    return Answer(status: lines.last.flatMap { Int($0) } ?? 0, text: text)
  }

  /// The command for it, without limits.
  func curl(_ host: String, _ path: String) -> [String] {
    let (scheme, port) = kind == .caddy ? ("https", 443) : ("http", 80)
    return [
      "curl", "--silent", "--insecure", "--resolve", "\(host):\(port):127.0.0.1", "\(scheme)://\(host)\(path)",
    ]
  }
}
