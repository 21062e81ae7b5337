/// A way to run containers: what planning, execution and reports have to know of it beside its renderer and its program.
package protocol ContainerKind: Sendable {
  /// What people call it.
  var title: String { get }
  /// Its program, by which its containers are reached.
  var program: String { get }
  /// Whether each instance has unit files of its own, with everything worked in. Else instances share templates, which learn
  /// from environment files what differs.
  var hasOwnUnits: Bool { get }
  /// The files in an instance's folder that its containers are made from; none where each has a unit file.
  var ownFiles: [String] { get }
  /// The unit whose processes open the ports of containers, where these do not open them themselves.
  var daemon: String? { get }
  /// Whether it keeps volumes of its own, under names that all of the host's containers share.
  var keepsVolumes: Bool { get }
  /// Whether Berth chooses the addresses of its networks, since its own run out.
  var needsAddresses: Bool { get }

  /// What the labels of a container say of whose it is; see ``EngineContainer/owner``.
  ///
  /// - Parameters:
  ///   - unit: the service's.
  ///   - home: the instance's folder.
  func owner(unit: String, home: String) -> String
  /// What its engine is to read together before any of it is put in its place.
  ///
  /// - Parameters:
  ///   - written: all files that a plan writes, of any kind.
  ///   - present: what a file holds now; nil for one that is not there.
  func groups(
    of written: [KindFile], in paths: ScopePaths, present: (String) throws -> String?
  ) throws -> [[KindFile]]
}

/// A file that an engine may read.
package struct KindFile: Sendable, Equatable {
  package let path: String
  package let text: String

  package init(path: String, text: String) { (self.path, self.text) = (path, text) }

  package var name: String { String(path.dropFirst(ScopePaths.folder(of: path).count + 1)) }
}

extension Container.Engine {
  /// What sets it apart from others.
  package var kind: any ContainerKind {
    switch self {
    case .podman: QuadletKind()
    case .docker: ComposeKind()
    }
  }
}

extension Service {
  /// What runs its container; nil for a program.
  package var kind: (any ContainerKind)? { engine?.kind }

  /// Whether each instance has unit files of its own for it; see ``ContainerKind/hasOwnUnits``.
  package var hasOwnUnits: Bool { kind?.hasOwnUnits == true }
}

extension ImagePin {
  /// What runs it.
  package var runner: Container.Engine { engine ?? .podman }
}
