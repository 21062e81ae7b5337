import BerthKit

extension BerthError {
  static func noPodman() -> BerthError {
    BerthError(
      "no-podman", .unavailable, "containers need Podman, which is not installed", remedy: "apt-get install podman")
  }

  static func noQuadlet() -> BerthError {
    BerthError(
      "no-quadlet", .unavailable, "this Podman has no generator for systemd (Quadlet), which came with 4.4",
      remedy: "podman --version")
  }

  /// - Parameter engine: one that this scope does not have.
  static func noEngineHere(_ engine: Container.Engine) -> BerthError {
    switch engine {
    case .podman:
      BerthError(
        "no-podman", .unavailable, "no container runs in a sandbox; the system scope and a person's have Podman",
        remedy: .asRoot("--scope", "system"))
    case .docker: dockerNeedsSystem()
    }
  }

  static func dockerNeedsSystem() -> BerthError {
    BerthError(
      "no-docker", .unavailable, "projects of Docker Compose run in the system scope only",
      remedy: .asRoot("--scope", "system"))
  }

  static func noRootless(_ program: String, package: String) -> BerthError {
    BerthError(
      "no-rootless", .unavailable, "a person's containers need the program '\(program)', which is not installed",
      remedy: "apt-get install \(package)")
  }

  /// - Parameter free: a number from which on nobody has any.
  static func noSubordinates(of person: String, in file: String, free: Int) -> BerthError {
    let range = "\(free)-\(free + 65_535)"
    return BerthError(
      "no-rootless", .unavailable,
      "Podman needs numbers for the users of containers, and \(file) names none for '\(person)'", at: file,
      remedy: "usermod --add-subuids \(range) --add-subgids \(range) \(person)")
  }

  static func noDocker() -> BerthError {
    BerthError(
      "no-docker", .unavailable, "this app needs Docker with Compose, which is not installed",
      remedy: "apt-get install docker.io docker-compose")
  }

  static func noCompose() -> BerthError {
    BerthError(
      "no-compose", .unavailable, "this Docker has no Compose v2, which is a plugin of its own",
      remedy: "docker compose version")
  }

  static func dockerSilent(_ cause: String) -> BerthError {
    BerthError(
      "docker-silent", .unavailable, "Docker is installed and does not answer", remedy: "systemctl start docker",
      cause: String(cause.suffix(2000)))
  }

  static func badComposeFile(_ name: String, _ cause: String) -> BerthError {
    BerthError(
      "bad-compose", .failure, "Docker Compose does not take the project's files", at: name,
      remedy: .berth("doctor"), cause: String(cause.suffix(2000)))
  }

  static func noImage(_ reference: String, _ cause: String, program: String = "podman") -> BerthError {
    BerthError(
      "no-image", .unavailable, "the image '\(reference)' cannot be had", remedy: "\(program) pull \(reference)",
      cause: String(cause.suffix(2000)))
  }

  static func noImageUser(_ user: String, _ image: String, program: String) -> BerthError {
    BerthError(
      "no-image-user", .badInput, "the image '\(image)' knows no user or group '\(user)'",
      remedy: "\(program) image inspect \(image)")
  }

  static func noProject(_ folder: String) -> BerthError {
    BerthError(
      "no-project", .unavailable, "there is no container of a Docker Compose project in '\(folder)'", at: folder,
      remedy: "docker compose --project-directory \(folder) up --detach")
  }

  static func severalProjects(_ names: [String], _ folder: String) -> BerthError {
    BerthError(
      "several-projects", .conflict,
      "containers of \(names.count) projects run from '\(folder)': \(names.joined(separator: ", "))", at: folder,
      remedy: "docker compose ls")
  }

  static func containerFailed(_ name: String, _ log: String) -> BerthError {
    BerthError(
      "container-failed", .failure, "the container '\(name)' was started and does not become healthy", at: name,
      remedy: "docker logs \(name)", cause: String(log.suffix(2000)))
  }

  static func engineUnreadable(_ question: String, _ cause: String) -> BerthError {
    BerthError(
      "engine-unreadable", .failure, "what '\(question)' says cannot be read", remedy: .prose(question), cause: cause)
  }

  static func badContainerFile(_ name: String, _ cause: String) -> BerthError {
    BerthError(
      "bad-quadlet", .failure, "Podman's generator makes no sound unit of '\(name)'", at: name,
      remedy: "man podman-systemd.unit", cause: String(cause.suffix(2000)))
  }
}
