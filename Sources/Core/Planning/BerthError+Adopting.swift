import BerthKit
import BerthPlan

extension BerthError {
  package static func noComposeApp(_ app: String) -> BerthError {
    BerthError(
      "not-adoptable", .usage, "'\(app)' runs no project of Docker Compose, and nothing else can be adopted",
      remedy: .berth("app", "show", app))
  }

  /// - Parameter free: services of the project that have no counterpart.
  static func serviceMissing(_ service: String, _ free: [String], in project: String) -> BerthError {
    BerthError(
      "not-adoptable", .failure, "the project '\(project)' has no container of the service '\(service)'",
      at: project,
      remedy: "docker compose --project-name \(project) ps --all",
      cause: free.isEmpty
        ? nil
        : "its services without a counterpart are \(free.joined(separator: ", ")); --pair \(service)=SERVICE names the one that it is"
    )
  }

  static func unknownPairService(_ service: String, _ known: [String], of app: String) -> BerthError {
    BerthError(
      "bad-pair", .usage,
      "'\(app)' has no service '\(service)' in its project; it has \(known.joined(separator: ", "))"
        + nearestPhrase(service, known), remedy: .berth("app", "show", app))
  }

  static func unknownPairContainer(_ service: String, _ known: [String], in project: String) -> BerthError {
    BerthError(
      "bad-pair", .usage,
      "the project '\(project)' has no service '\(service)'; it has \(known.joined(separator: ", "))"
        + nearestPhrase(service, known), at: project,
      remedy: "docker compose --project-name \(project) ps --all")
  }

  static func pairedTwice(_ former: String, _ first: String, _ second: String, in project: String) -> BerthError {
    BerthError(
      "bad-pair", .usage, "'\(former)' cannot go on as both '\(first)' and '\(second)'", at: project,
      remedy: "give --pair once for each service of the project")
  }

  static func deadContainer(_ name: String, in project: String) -> BerthError {
    BerthError(
      "not-adoptable", .failure, "Docker could not remove the container '\(name)' of the project '\(project)'",
      at: name, remedy: "docker rm --force \(name)")
  }

  static func commandRuns(_ name: String, of service: String, in project: String) -> BerthError {
    BerthError(
      "not-adoptable", .conflict,
      "somebody runs a command of the service '\(service)' in '\(name)' (docker compose run), which nobody can start again",
      at: project, remedy: "docker stop \(name)", cause: "docker logs \(name) shows what it does")
  }

  static func volumeMissing(_ target: String, of service: String, in project: String) -> BerthError {
    BerthError(
      "not-adoptable", .failure,
      "the service '\(service)' of the project '\(project)' has nothing mounted at '\(target)', where data belongs",
      at: project, remedy: .again("--leave", target), cause: "what the container itself holds there would stay behind")
  }

  static func volumeUnreachable(_ path: String, of project: String) -> BerthError {
    BerthError(
      "not-adoptable", .failure, "the data of the project '\(project)' at '\(path)' is no folder of this host",
      at: path, remedy: "docker volume ls")
  }

  static func fileForFolder(_ path: String, at target: String, of service: String, in project: String) -> BerthError {
    BerthError(
      "not-adoptable", .failure,
      "'\(path)' is a file, and the plugin keeps the folder '\(target)' of the service '\(service)'", at: path,
      remedy: "put it into a folder, and have the project mount that: docker compose --project-name \(project) config")
  }

  static func dataLeft(
    _ source: String, _ size: String, at target: String, of service: String, in project: String
  ) -> BerthError {
    BerthError(
      "data-left-behind", .conflict,
      "'\(source)' (\(size)) at '\(target)' of the service '\(service)' would stay behind: the plugin keeps nothing there",
      at: project, remedy: .again("--leave", target))
  }

  static func nothingLeft(_ target: String, _ known: [String], of project: String) -> BerthError {
    BerthError(
      "nothing-left", .usage,
      "the project '\(project)' leaves nothing behind at '\(target)'\(nearestPhrase(target, known))",
      remedy: "leave --leave \(target) out")
  }

  package static func sharedVolume(_ path: String, with containers: [String]) -> BerthError {
    BerthError(
      "cannot-keep", .conflict,
      "'\(path)' cannot go on as the instance's: \(containers.joined(separator: ", ")) of others has it too",
      at: path, remedy: .again("--volumes", "copy"))
  }

  package static func nestedVolume(_ path: String, _ other: String) -> BerthError {
    BerthError(
      "cannot-keep", .conflict, "'\(path)' cannot go on as the instance's: '\(other)' lies in it", at: path,
      remedy: .again("--volumes", "copy"))
  }

  /// Whatever is wrong with a project, so that a person mends all of it at once.
  static func notAdoptable(_ errors: [BerthError], project: String, as app: String) -> BerthError {
    let codes = Set(errors.map(\.code))
    // Options of one kind can be given together.
    var options: [[String]] = []
    var other: Remedy?
    for error in errors {
      if case .again(let words, asRoot: _)? = error.remedy?.forms.first {
        if !options.contains(words) { options.append(words) }
      } else {
        other = other ?? error.remedy
      }
    }
    let hints = errors.compactMap(\.cause).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return BerthError(
      codes.count == 1 ? errors[0].code : "not-adoptable", worst(of: errors).kind,
      "the project '\(project)' cannot be adopted as '\(app)', for \(errors.count) reasons", at: project,
      remedy: other ?? Remedy([.again(options.flatMap { $0 }, asRoot: false)]),
      cause: (errors.map(\.summary) + hints).joined(separator: "\n"))
  }
}
