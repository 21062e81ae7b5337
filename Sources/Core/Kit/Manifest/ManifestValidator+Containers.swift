/// What holds for services that run in containers.
extension ManifestValidator {
  func check(_ container: Container, of service: Service, key: String) throws(Problem) {
    if container.engine == .docker { try checkCompose(service, key: key) }
    let isCompose = container.engine == .docker
    try checkImage(container.image, isCompose: isCompose, key: isCompose ? "\(key).compose" : "\(key).container.image")
    if let user = container.user { try checkUser(user, key: "\(key).container.user") }
    for (index, device) in container.devices.enumerated() {
      let place = "\(key).container.devices[\(index)]"
      guard device.path.hasPrefix("/dev/"), Setting.isPath(device.path) else {
        throw Problem(key: place, text: "'\(device.path)' is not a device below /dev")
      }
      try checkCondition(device.condition, key: "\(place).when")
    }
    for variable in service.environment where variable.value.variables.contains("paths.app") {
      throw Problem(
        key: "\(key).env.\(variable.name)", text: "'{{paths.app}}' is a place of the host's, not of a container")
    }
    for case .exec(let exec) in service.ready.map(\.check) {
      for (index, argument) in exec.enumerated() where argument.variables.contains("paths.app") {
        throw Problem(
          key: "\(key).ready.exec[\(index)]", text: "'{{paths.app}}' is a place of the host's, not of a container")
      }
    }
    // These words are about programs of the host's.
    if service.workdir != nil {
      throw Problem(
        key: "\(key).workdir", text: "an image has its own working folder; 'container' may have a 'workdir'")
    }
    guard container.engine == .podman else { return }
    try checkWords(container, of: service, key: "\(key).container")
    for port in manifest.ports where port.bind == "::1" && manifest.publisher(of: port)?.id == service.id {
      throw Problem(
        key: "ports.\(port.role).bind",
        text: "Podman opens no port on '::1', from where the kernel forwards nothing; take '127.0.0.1' or '::'")
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

  private func checkImage(_ image: Template, isCompose: Bool, key: String) throws(Problem) {
    if let text = image.literalText {
      guard ImageReference.isComplete(text) else {
        throw Problem(key: key, text: "'\(text)' is not an image with its registry, such as docker.io/library/redis:7")
      }
    } else {
      try checkArgument(image, mayFilter: false, key: key)
      let name = image.segments.count == 1 ? image.variables.first : nil
      let setting = manifest.settings.first { "settings.\($0.id)" == name }
      // What stands for a tag is known with the instance.
      if isCompose, case .literal(let start)? = image.segments.first, start.contains(":"),
        ImageReference.isComplete(String(start.prefix { $0 != ":" })),
        image.variables.allSatisfy({ $0.hasPrefix("settings.") })
      {
        return
      }
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
}
