import BerthFiles
import BerthKit
import Foundation

/// Where Caddy takes orders, as it reads its configuration itself (`caddy adapt`).
///
/// Source: https://caddyserver.com/docs/caddyfile/options#admin
enum CaddyAdmin: Equatable {
  /// Nobody can give orders, not even a reload.
  case off
  /// A socket in the file system, for whoever may enter its folder.
  case socket(String)
  /// An address of the network, which every program of the host can reach.
  case network(String)

  /// Where it listens unless it is told otherwise.
  static let defaultAddress = "localhost:2019"

  private struct Configuration: Decodable {
    struct Admin: Decodable { let disabled: Bool?, listen: String? }
    let admin: Admin?
  }

  /// - Parameter json: the configuration as `caddy adapt` prints it; what cannot be read says nothing of a socket.
  init(json: String) {
    let admin = (try? JSONDecoder().decode(Configuration.self, from: Data(json.utf8)))?.admin
    if admin?.disabled == true {
      self = .off
    } else if let listen = admin?.listen, listen.hasPrefix("unix/") {
      // `unix//run/caddy/admin.sock|0200`
      self = .socket(String(listen.dropFirst("unix/".count).prefix { $0 != "|" }))
    } else {
      self = .network(admin?.listen ?? Self.defaultAddress)
    }
  }

  /// What is wrong with it, in the words of an address; nil where only root and Caddy's own user can give orders.
  ///
  /// - Parameter isShut: whether a folder can be entered by nobody else.
  func openAddress(isShut: (String) -> Bool?) -> String? {
    switch self {
    case .off: nil
    case .network(let address): address
    // A folder that is not there yet is made by whoever starts Caddy.
    case .socket(let path): isShut(ScopePaths.folder(of: path)) == false ? "unix/\(path)" : nil
    }
  }

  /// Whether a folder keeps everybody out but its owner; nil where there is none.
  static func isShut(_ folder: String) -> Bool? {
    guard let info = HostPath.target(folder) else { return nil }
    return info.st_mode & S_IFMT == S_IFDIR && info.st_mode & 0o077 == 0
  }
}
