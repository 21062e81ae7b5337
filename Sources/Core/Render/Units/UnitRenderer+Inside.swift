import BerthKit

/// Programs that run inside a service's container while it is up.
extension UnitRenderer {
  /// A line of a unit that runs a program inside the container of a service.
  ///
  /// - Parameters:
  ///   - slug: the instance's, as it stands in a line.
  ///   - words: the program and its arguments, each as one word of a line.
  ///   - readsInput: whether it is given the unit's standard input.
  /// - Throws: `bad-manifest` for a service that is no container.
  func inside(_ service: Service, slug: String, _ words: [String], readsInput: Bool = false) throws -> String {
    guard let kind = service.kind else {
      throw BerthError.badManifest("'\(service.id)' is no container", at: manifest.id, key: "services.\(service.id)")
    }
    let name = ContainerName.container(manifest.id, slug, service: service.id)
    let engine = [kind.program, "exec"] + (readsInput ? ["--interactive"] : []) + [name]
    // What follows the name is the program's, whatever it begins with.
    return (engine.map { "\"\($0)\"" } + words).joined(separator: " ")
  }

  /// The instance's slug in a template, from the environment.
  static let slug = "${\(UnitText.environmentName("instance.slug"))}"

  /// A program of a service in a template: on the host, or inside its container.
  func programLine(_ exec: [Template], of service: Service, readsInput: Bool = false) throws -> String {
    guard service.container != nil else { return try commandLine(exec, of: service) }
    return try inside(service, slug: Self.slug, try exec.map(argument), readsInput: readsInput)
  }

  /// The action before a container's stop, in a file of one instance.
  func firstOfStop(
    _ service: Service, _ instance: InstanceValues, _ variables: Variables
  ) throws -> [String] {
    guard let first = service.stop.first else { return [] }
    let words = try first.exec.map { UnitText.word(try variables.text($0) ?? "") }
    // The manager would pass over the stop itself, were it the one to break off what takes too long. What fails does not
    // hold up the stop.
    return ["ExecStop=-\(Self.limited(first.timeout)) \(try inside(service, slug: instance.slug, words))"]
  }

  /// What stands before a program that may take so many seconds.
  static func limited(_ seconds: Int) -> String {
    ["/usr/bin/timeout", "--kill-after=5", "\(seconds)"].map { "\"\($0)\"" }.joined(separator: " ")
  }

  /// What a unit needs to run a program inside a container: the engine's own rights, as only its container shuts the
  /// program in. It has neither user nor folder of its own, and none of the hardening of a program of the host's.
  func insideSurroundings(of service: Service) -> [String] {
    [
      "# Only root reaches into a container, and the engine needs its rights for that. The container shuts the program in.",
      "EnvironmentFile=\(literal(context.paths.environment(manifest.id, "\0", service: service.id)))",
    ]
  }
}
