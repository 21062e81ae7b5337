/// What holds for services that run in containers.
extension ManifestValidator {
  func check(_ container: Container, of service: Service, key: String) throws(Problem) {
    if container.engine == .docker { try checkCompose(service, key: key) }
    try checkImage(container.image, key: container.engine == .docker ? "\(key).compose" : "\(key).container.image")
    if let user = container.user { try checkUser(user, key: "\(key).container.user") }
    for (index, device) in container.devices.enumerated() {
      let place = "\(key).container.devices[\(index)]"
      guard device.path.hasPrefix("/dev/"), Setting.isPath(device.path) else {
        throw Problem(key: place, text: "'\(device.path)' is not a device below /dev")
      }
      try checkCondition(device.condition, key: "\(place).when")
    }
    try checkMounts(service.mounts, key: "\(key).mounts")
    // These words are about programs of the host's.
    if service.workdir != nil { throw Problem(key: "\(key).workdir", text: "an image has its own working folder") }
    if let loosened = service.loosen.first {
      throw Problem(
        key: "\(key).loosen.\(loosened.key)", text: "'loosen' goes with 'exec'; a container is shut in anyway")
    }
    if container.engine == .docker { return }
    if service.stop.first != nil {
      throw Problem(key: "\(key).stop.first", text: "'first' goes with 'exec'; a container gets its signal")
    }
    if let job = manifest.jobs.first(where: { $0.service == service.id }) {
      throw Problem(key: "jobs.\(job.id)", text: "its service '\(service.id)' runs in a container, which has no jobs")
    }
    for set in manifest.backup where set.service == service.id {
      if case .command = set.method {
        throw Problem(
          key: "backup.\(set.id)", text: "its service '\(service.id)' runs in a container, which has no dumps")
      }
      guard set.before.isEmpty, set.after.isEmpty else {
        throw Problem(key: "backup.\(set.id)", text: "'before' and 'after' go with services of 'exec'")
      }
    }
  }

  private func checkCompose(_ service: Service, key: String) throws(Problem) {
    guard manifest.compose?.services.contains(where: { $0.id == service.id }) == true else {
      throw Problem(key: "\(key).compose", text: "there is no such service in the file")
    }
    // Compose and its client take these for their own.
    for variable in service.environment
    where ["COMPOSE_", "DOCKER_"].contains(where: variable.name.hasPrefix) {
      throw Problem(
        key: "\(key).env.\(variable.name)", text: "names that begin with COMPOSE_ or DOCKER_ are Docker's own")
    }
    // They are one project, whose file names them by one name.
    for other in manifest.services where other.engine == .docker && other.id != service.id {
      for variable in service.environment {
        guard let theirs = other.environment.first(where: { $0.name == variable.name }), theirs.value != variable.value
        else { continue }
        throw Problem(
          key: "\(key).env.\(variable.name)", text: "'\(other.id)' has another value for it, and they share one .env")
      }
    }
  }

  /// The name of a volume: `[a-z0-9][a-z0-9_-]{0,31}`.
  static func isVolumeName(_ text: String) -> Bool {
    text.wholeMatch(of: /[a-z0-9][a-z0-9_\-]{0,31}/) != nil
  }

  private func checkImage(_ image: Template, key: String) throws(Problem) {
    if let text = image.literalText {
      guard ImageReference.isComplete(text) else {
        throw Problem(key: key, text: "'\(text)' is not an image with its registry, such as docker.io/library/redis:7")
      }
    } else {
      try checkArgument(image, key: key)
      let name = image.segments.count == 1 ? image.variables.first : nil
      let setting = manifest.settings.first { "settings.\($0.id)" == name }
      guard setting?.kind == .image else {
        throw Problem(key: key, text: "expected an image's name or one setting of type image")
      }
    }
  }

  /// `1000`, `1000:1000`, or the instance's own numbers.
  private func checkUser(_ user: Template, key: String) throws(Problem) {
    try checkTemplate(user, key: key)
    let known = ["instance.uid", "instance.gid"]
    let text = user.segments.map { if case .literal(let text) = $0 { text } else { "0" } }.joined()
    guard user.variables.allSatisfy(known.contains), text.wholeMatch(of: /[0-9]{1,10}(:[0-9]{1,10})?/) != nil else {
      throw Problem(key: key, text: "expected numbers such as 1000:1000, or {{instance.uid}}:{{instance.gid}}")
    }
  }

  private func checkMounts(_ mounts: [Mount], key: String) throws(Problem) {
    for mount in mounts {
      let place = "\(key).\(mount.target)"
      guard mount.target != "/", !mount.target.hasSuffix("/"), Setting.isPath(mount.target) else {
        throw Problem(key: place, text: "'\(mount.target)' is not an absolute path for a mount")
      }
      try checkMountSource(mount.source, key: place)
    }
  }

  /// One of the instance's own folders, a path in one, or a path that a person has chosen.
  private func checkMountSource(_ source: Template, key: String) throws(Problem) {
    if let text = source.literalText {
      guard Setting.isPath(text) else { throw Problem(key: key, text: "'\(text)' is not an absolute path") }
      return
    }
    if source.isInOwnFolder { return try checkLocation(source, key: key, anywhere: false) }
    try checkArgument(source, key: key)
    let setting = manifest.settings.first { "settings.\($0.id)" == source.variables.first }
    guard case .variable? = source.segments.first, setting?.kind == .path, source.variables.count == 1,
      source.segments.dropFirst().allSatisfy({
        if case .literal(let text) = $0 { text.hasPrefix("/") && Setting.isPath(text) } else { false }
      })
    else {
      throw Problem(key: key, text: "expected a path below {{paths.…}}, an absolute one, or a setting of type path")
    }
  }
}
