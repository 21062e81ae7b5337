import BerthKit

/// How a proxy is asked what it thinks of a configuration.
struct ProxyProgram {
  let path: String
  let unit: String
  /// The command that reads the whole configuration, and shows it as it was read.
  let question: [String]
  /// The user that asks, so that what a proxy makes on the way is its own; root when nil.
  let user: String?
  /// What a person types to see what is wrong.
  let remedy: Remedy
  /// The line that has a proxy read Berth's sites.
  let importLine: String
  /// A file among the sites, and what in the configuration as it was read says that it was.
  let mark: (name: String, text: String, answer: String)

  static func of(_ kind: ProxyConfig.Kind) -> ProxyProgram {
    switch kind {
    case .caddy:
      ProxyProgram(
        path: "/usr/bin/caddy", unit: "caddy.service",
        question: ["adapt", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile", "--validate"], user: "caddy",
        remedy: "caddy validate --config /etc/caddy/Caddyfile",
        importLine: "import \(kind.sites)/*.caddy",
        mark: ("berth-mark.caddy", "http://berth-mark.invalid {\n}\n", "berth-mark.invalid"))
    case .nginx:
      ProxyProgram(
        path: "/usr/sbin/nginx", unit: "nginx.service", question: ["-T"], user: nil, remedy: "nginx -t",
        importLine: "include \(kind.sites)/*.conf;",
        mark: ("berth-mark.conf", "# Made by Berth\n", "# configuration file \(kind.sites)/berth-mark.conf:"))
    }
  }
}

/// What a proxy said of a configuration.
struct ProxyAnswer {
  let isGood: Bool
  /// Whether it reads the folder with Berth's sites.
  let readsSites: Bool
  /// The whole configuration, as it was read.
  let configuration: String
  /// What it said against it.
  let output: String
  /// Warnings that a name is taken, after which one of two sites would never be seen (nginx).
  let conflicts: Set<String>

  init(_ result: CommandResult, _ program: ProxyProgram) {
    isGood = result.status == 0
    readsSites = result.output.contains(program.mark.answer)
    configuration = result.output
    output = result.errorOutput
    conflicts = Set(
      result.errorOutput.split(separator: "\n").filter { $0.contains("conflicting server name") }.map(String.init))
  }
}
