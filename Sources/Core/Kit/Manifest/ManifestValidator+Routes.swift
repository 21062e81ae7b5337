/// What holds for the routes of a web proxy. What settings make of them is looked at when an instance is known.
extension ManifestValidator {
  func checkRoutes(_ found: inout Findings) {
    found.check { () throws(Problem) in try checkUnique("routes", manifest.routes.map(\.id)) }
    for route in manifest.routes {
      found.check { () throws(Problem) in try check(route, key: "routes.\(route.id)") }
    }
    found.check(checkRoutesMeet)
  }

  private func checkRoutesMeet() throws(Problem) {
    var places: Set<[String]> = []
    for route in manifest.routes {
      let key = "routes.\(route.id)"
      for path in [route.path] + route.staticFolders.map(\.prefix) {
        // Beside each other, `/app` and `/app/` mean the same.
        let place = path.hasSuffix("/") ? String(path.dropLast()) : path
        guard places.insert([route.host.source, place]).inserted else {
          throw Problem(key: key, text: "'\(path)' of this host is taken by another route or folder")
        }
      }
    }
  }

  private func check(_ route: Route, key: String) throws(Problem) {
    try checkIdentifier(route.id, key)
    try checkHost(route.host, key: "\(key).host")
    guard Route.isPath(route.path) else {
      throw Problem(
        key: "\(key).path", text: "'\(route.path)' is not a path such as / or /app, without a slash at its end")
    }
    try checkCondition(route.condition, key: "\(key).when")
    guard let role = manifest.port(route.role) else {
      throw Problem(
        key: "\(key).port",
        text: "there is no port role '\(route.role)'" + BerthError.nearestPhrase(route.role, manifest.ports.map(\.role))
      )
    }
    guard role.protocols.contains(.tcp) else {
      throw Problem(key: "\(key).port", text: "the port '\(route.role)' is not tcp")
    }
    for folder in route.staticFolders { try check(folder, key: "\(key).static.\(folder.prefix)") }
    if let auth = route.auth { try checkAuth(auth, key: "\(key).auth") }
  }

  private func checkHost(_ host: Template, key: String) throws(Problem) {
    try checkPublic(host, key: key)
    // With a part of a name in the place of each placeholder.
    let trial = host.segments.map { if case .literal(let text) = $0 { text } else { "x" } }.joined()
    guard Setting.isHostname(trial) else {
      throw Problem(key: key, text: "'\(host.source)' makes no host name such as play.example.org")
    }
  }

  private func check(_ folder: Route.StaticFolder, key: String) throws(Problem) {
    guard folder.prefix.hasSuffix("/"), folder.prefix != "/", Route.isPath(String(folder.prefix.dropLast())) else {
      throw Problem(key: key, text: "'\(folder.prefix)' is not the beginning of addresses, such as /static/")
    }
    try checkPublic(folder.folder, key: key)
    // What an instance puts into its folder outside its own ones would pass for the operator's.
    guard folder.folder.literalText != nil || !folder.folder.isAbsolute || folder.folder.endsWhereItVaries else {
      throw Problem(key: key, text: "nothing can lie below the folder that has the instance's name in its own")
    }
    // Else a name of the instance could make it a folder of the system's.
    guard
      folder.folder.literalText != nil || !folder.folder.isAbsolute
        || Mount.placesOfFolders.contains(where: folder.folder.literalStart.hasPrefix)
    else {
      throw Problem(
        key: key,
        text:
          "a folder with the instance's name in its own lies below \(Mount.placesOfFolders.joined(separator: ", "))")
    }
    if case .variable(let name)? = folder.folder.segments.first, name.hasPrefix("settings."),
      folder.folder.segments.count > 1
    {
      throw Problem(key: key, text: "nothing can lie below a folder that a person has chosen")
    }
    let trial = folder.folder.segments.map {
      switch $0 {
      case .literal(let text): text
      case .variable(let name): name.hasPrefix("paths.") || name.hasPrefix("settings.") ? "/x" : "x"
      case .filtered: "x"
      }
    }.joined()
    guard Route.isFolder(trial) else {
      throw Problem(
        key: key, text: "'\(folder.folder.source)' makes no absolute path without '..', quotes or wildcards")
    }
  }

  private func checkAuth(_ auth: Template, key: String) throws(Problem) {
    try checkPublic(auth, key: key)
    let trial = auth.segments.map { if case .literal(let text) = $0 { text } else { "x" } }.joined()
    guard Route.isSnippet(trial) else {
      throw Problem(key: key, text: "'\(auth.source)' makes no name of letters, digits, '_' and '-'")
    }
  }

  /// A proxy's files are read by everybody.
  private func checkPublic(_ template: Template, key: String) throws(Problem) {
    try checkTemplate(template, key: key)
    for name in template.variables where name.hasPrefix("settings.") {
      guard manifest.setting(String(name.dropFirst("settings.".count)))?.isSecret != true else {
        throw Problem(key: key, text: "'{{\(name)}}' is a secret, and the proxy's files are read by everybody")
      }
    }
  }
}
