/// Docker, from a project of Compose for each instance.
struct ComposeKind: ContainerKind {
  let title = "Docker"
  let program = "/usr/bin/docker"
  let hasOwnUnits = false
  let ownFiles = ScopePaths.composeFiles
  let daemon: String? = ScopePaths.docker
  let keepsVolumes = true
  let needsAddresses = true

  func owner(unit: String, home: String) -> String { home }

  /// The files of each project of which one is written.
  func groups(
    of written: [KindFile], in paths: ScopePaths, present: (String) throws -> String?
  ) throws -> [[KindFile]] {
    let own = written.filter { $0.path.hasPrefix("\(paths.instances)/") && ownFiles.contains($0.name) }
    let texts = Dictionary(own.map { ($0.path, $0.text) }, uniquingKeysWith: { _, last in last })
    return try Set(own.map { ScopePaths.folder(of: $0.path) }).sorted().map { home in
      try ownFiles.compactMap { name in
        let path = "\(home)/\(name)"
        return try (texts[path] ?? present(path)).map { KindFile(path: path, text: $0) }
      }
    }
  }
}
