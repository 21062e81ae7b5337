/// Podman, from unit files for each container (Quadlet).
struct QuadletKind: ContainerKind {
  let title = "Podman"
  let program = "/usr/bin/podman"
  let hasOwnUnits = true
  let ownFiles: [String] = []
  let daemon: String? = nil
  let keepsVolumes = false
  let needsAddresses = false

  func owner(unit: String, home: String) -> String { unit }

  /// All files at once, as the generator reads them, with networks that they name and that stay as they are.
  func groups(
    of written: [KindFile], in paths: ScopePaths, present: (String) throws -> String?
  ) throws -> [[KindFile]] {
    let files = written.filter { $0.path.hasPrefix("\(paths.containers)/") }
    let named = files.flatMap { file in
      file.text.split(separator: "\n").filter { $0.hasPrefix("Network=") }.map {
        "\(paths.containers)/\($0.dropFirst("Network=".count).prefix { $0 != ":" })"
      }
    }
    let networks = try Set(named).subtracting(files.map(\.path)).sorted().compactMap { path in
      try present(path).map { KindFile(path: path, text: $0) }
    }
    return files.isEmpty ? [] : [files + networks]
  }
}
