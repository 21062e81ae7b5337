import BerthKit
import Foundation

/// What containers of a project have to do with others.
struct DockerSurroundings {
  /// A container as `docker ps --format json` prints it.
  struct Row: Decodable {
    let ID, Names, Mounts: String
  }

  /// The names of the networks that are the project's own.
  let networks: Set<String>
  /// Names of containers by what they see: the name of a volume, or a path of the host.
  private let users: [String: [String]]
  /// Where the data of volumes lies, by name; those in plain folders of Docker's are left out.
  let places: [String: String]

  /// - Parameters:
  ///   - project: its name. Compose gives a network without a name of its own the project's, with `_` behind it.
  ///   - networks: those that Compose has made for it.
  ///   - containers: all that run.
  ///   - own: the ids of the project's.
  ///   - places: see ``places``.
  init(
    of project: String, networks: [String], containers: [Row], own: Set<String>, places: [String: String] = [:]
  ) {
    self.places = places
    self.networks = Set(networks + ["\(project)_default"])
    users = containers.filter { !own.contains($0.ID) }.reduce(into: [:]) { users, row in
      for place in row.Mounts.split(separator: ",") { users[String(place), default: []].append(row.Names) }
    }
  }

  func users(of place: String) -> [String] { (users[place] ?? []).sorted() }
}
