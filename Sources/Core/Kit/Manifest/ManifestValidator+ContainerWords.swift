/// What a container of Podman's runs, and how it is reached.
extension ManifestValidator {
  func checkWords(_ container: Container, of service: Service, key: String) throws(Problem) {
    for (name, words) in [("entrypoint", container.entrypoint), ("exec", container.exec)] {
      for (index, word) in words.enumerated() {
        let place = "\(key).\(name)[\(index)]"
        try check(argument: word, when: service.condition, key: place)
        if let variable = word.variables.first(where: { $0.hasPrefix("paths.") || $0.hasPrefix("programs.") }) {
          throw Problem(key: place, text: "'{{\(variable)}}' is a place of the host's, not of a container")
        }
      }
    }
    if let group = container.group {
      guard let user = container.user, !user.source.contains(":") else {
        throw Problem(key: "\(key).group", text: "'group' goes with a 'user' that has none")
      }
      guard (0...4_294_967_294).contains(group) else {
        throw Problem(key: "\(key).group", text: "\(group) is not the number of a group")
      }
    }
    if let workdir = container.workdir {
      guard Setting.isPath(workdir), workdir.hasPrefix("/") else {
        throw Problem(key: "\(key).workdir", text: "'\(workdir)' is not an absolute path")
      }
    }
    for label in container.labels { try check(label, key: "\(key).labels.\(label.name)") }
    for (index, place) in container.places.enumerated() {
      if let problem = MemoryPlace.problem(place) { throw Problem(key: "\(key).tmpfs[\(index)]", text: problem) }
      let path = MemoryPlace.path(place)
      guard !service.mounts.contains(where: { $0.target == path }) else {
        throw Problem(key: "\(key).tmpfs[\(index)]", text: "'\(path)' stands below 'mounts' too")
      }
    }
    if let size = container.shmSize, ByteSize.bytes(of: size) == nil {
      throw Problem(key: "\(key).shm-size", text: "'\(size)' is not a size such as 64M or 1G")
    }
    try checkNetwork(container, of: service, key: key)
  }

  private func check(_ label: Container.Label, key: String) throws(Problem) {
    guard label.name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._\/\-]{0,127}/) != nil else {
      throw Problem(key: key, text: "'\(label.name)' is not the name of a label")
    }
    // By these Podman and other programs know what made a container, and whether they may exchange it.
    let taken = ["podman_", "io.podman.", "io.containers.", "com.docker."]
    guard !taken.contains(where: label.name.lowercased().hasPrefix) else {
      throw Problem(key: key, text: "labels that begin with \(taken.joined(separator: ", ")) are the engines' own")
    }
    // Whoever may ask the engine reads them.
    try checkArgument(label.value, key: key)
  }

  private func checkNetwork(_ container: Container, of service: Service, key: String) throws(Problem) {
    var names: Set<String> = []
    for network in container.networks {
      let place = "\(key).networks.\(network.name)"
      try checkIdentifier(network.name, place)
      names.insert(network.name)
      for alias in network.aliases {
        guard alias.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9_.\-]{0,61}[A-Za-z0-9])?/) != nil else {
          throw Problem(key: place, text: "'\(alias)' is not a name in a network")
        }
      }
    }
    guard let name = container.network else { return }
    let place = "\(key).network"
    guard names.isEmpty else { throw Problem(key: place, text: "'network' and 'networks' do not go together") }
    guard let owner = manifest.service(name), owner.id != service.id, owner.engine == .podman else {
      throw Problem(key: place, text: "expected another service with 'container': \(unknownService(name))")
    }
    guard owner.container?.network == nil else {
      throw Problem(key: place, text: "'\(name)' is in another service's network itself; name that one")
    }
    guard service.dependsOn.contains(name) else {
      throw Problem(key: place, text: "say 'depends-on: [\(name)]' as well: without its container there is no network")
    }
  }
}
