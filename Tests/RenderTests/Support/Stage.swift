import BerthKit
import BerthRender
import Testing

/// The three kinds of manager that units are rendered for, with fixed paths and facts.
enum Stage: String, CaseIterable, CustomTestStringConvertible {
  case system, user, sandbox

  var testDescription: String { rawValue }

  var paths: ScopePaths {
    switch self {
    case .system: .system
    case .user:
      .user(
        configHome: "/home/ann/.config", stateHome: "/home/ann/.local/state", dataHome: "/home/ann/.local/share",
        runtime: "/run/user/1000")
    case .sandbox: .sandbox(root: "/home/ann/try", runtime: "/tmp/berth-1000-abc")
    }
  }

  var rights: ManagerRights {
    switch self {
    case .system: .root
    case .user: .person
    case .sandbox: .ownNamespace
    }
  }

  /// What the host would say: every program at its first place.
  ///
  /// - Parameter program: one path for Berth and every program of the app, for a judge that looks whether they exist.
  func context(_ manifest: Manifest, program: String? = nil, paths: ScopePaths? = nil) -> RenderContext {
    RenderContext(
      paths: paths ?? self.paths, rights: rights, berth: program ?? "/usr/bin/berth",
      berthLibraries: self == .sandbox ? ["/srv/toolchain/lib"] : [],
      programs: Dictionary(
        uniqueKeysWithValues: manifest.programs.map { ($0.id, program ?? $0.candidates.first ?? "") }),
      hostName: "harbour", timeZone: "Europe/Berlin")
  }

  /// The system user that an instance has in this scope.
  var instanceUser: String? { self == .system ? "berth-0123456789ab" : nil }
}
