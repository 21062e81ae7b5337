import BerthKit
import Foundation

/// What containers of a project have to do with others.
struct DockerSurroundings {
  /// A container of somebody else's, as far as `docker container inspect` tells what it sees.
  struct Other: Decodable {
    /// For `--format`.
    static let format = #"{"Id":{{json .Id}},"Name":{{json .Name}},"Mounts":{{json .Mounts}}}"#

    let Id, Name: String
    let Mounts: [DockerContainer.Mount]?

    var name: String { Name.hasPrefix("/") ? String(Name.dropFirst()) : Name }
  }

  /// The names of the networks that are the project's own.
  let networks: Set<String>
  private let others: [Other]
  /// Where the data of volumes lies, by name; those in plain folders of Docker's are left out.
  private let places: [String: String]
  private let real: (String) -> String

  /// - Parameters:
  ///   - project: its name. Compose gives a network without a name of its own the project's, with `_` behind it.
  ///   - networks: those that Compose has made for it.
  ///   - others: all containers of others, whether they run or not.
  ///   - real: the path without links.
  init(
    of project: String, networks: [String], others: [Other], places: [String: String] = [:],
    real: @escaping (String) -> String = { $0 }
  ) {
    self.networks = Set(networks + ["\(project)_default"])
    self.others = others
    self.places = places
    self.real = real
  }

  /// Where what a container sees lies on the host.
  func path(of mount: DockerContainer.Mount) -> String { mount.volume.flatMap { places[$0] } ?? mount.Source }

  /// Names of others that see the same, or a part of it.
  func users(of mount: DockerContainer.Mount) -> [String] {
    let path = real(path(of: mount))
    return others.filter { other in
      (other.Mounts ?? []).contains { theirs in
        guard theirs.isOfHost else { return false }
        if let volume = mount.volume, theirs.volume == volume { return true }
        let place = real(self.path(of: theirs))
        return place == path || place.hasPrefix("\(path)/")
      }
    }.map(\.name).sorted()
  }
}
