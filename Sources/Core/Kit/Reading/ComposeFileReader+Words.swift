import Yams

/// What Berth itself has to know of a service: its image, variables, network, and how it stops.
extension ComposeFileReader {
  /// A text with the variables in it.
  func compose(_ value: YAMLValue) throws -> ComposeText {
    do throws(ComposeText.Problem) { return try ComposeText(try text(value)) } catch { throw value.error(error.text) }
  }

  private func text(_ value: YAMLValue) throws(ComposeText.Problem) -> String {
    do { return try value.text() } catch { throw ComposeText.Problem(text: "expected text") }
  }

  /// Everywhere that Compose puts variables in: what none of the services declares would be empty in silence.
  ///
  /// - Parameter names: gets every variable that stands there.
  func checkVariables(_ value: YAMLValue, _ names: inout Set<String>) throws {
    switch value.node {
    case .scalar(let scalar):
      guard scalar.string.contains("$") else { return }
      let found: ComposeText? = try file.attempt {
        let text = try compose(value)
        if let name = text.undeclared(Set(variables.keys)) {
          throw value.error(
            "no service's 'env' has '\(name)', and it has no default here"
              + BerthError.nearestPhrase(name, variables.keys.sorted()))
        }
        return text
      }
      names.formUnion(found?.names ?? [])
    case .mapping: for (_, below) in try value.entries() { try checkVariables(below, &names) }
    case .sequence: for below in try value.list() { try checkVariables(below, &names) }
    case .alias: break
    }
  }

  /// A name, as Docker means it, with variables such as `${IMAGE}` or `name:${TAG:-1}`.
  func image(_ value: YAMLValue, _ environment: [Service.EnvironmentVariable]) throws -> Template {
    let text = try compose(value)
    if let name = text.undeclared(Set(variables.keys)) {
      throw value.error(
        "the service's 'env' has no '\(name)'" + BerthError.nearestPhrase(name, environment.map(\.name)))
    }
    guard let template = text.template(variables) else { throw value.error("expected an image's name") }
    if let literal = template.literalText { return Template(literal: ImageReference.completed(literal)) }
    guard template.segments.count > 1 else { return template }
    guard case .literal(let start)? = template.segments.first, start.contains(":") else {
      throw value.error(
        "expected an image's name or one variable such as ${IMAGE}, or a name with its tag in one as in name:${TAG}")
    }
    // What begins with a name of Docker's own gets its registry; a tag stands there already.
    let whole = ImageReference.completed(start.hasSuffix(":") ? String(start.dropLast()) + ":x" : start + ":x")
    let registry = whole.prefix { $0 != "/" }
    let isNamed = start.hasPrefix("\(registry)/")
    let prefix = isNamed ? "" : whole.hasPrefix("docker.io/library/") ? "docker.io/library/" : "docker.io/"
    return Template(joining: [.literal(prefix)] + template.segments)
  }

  /// `NAME=value`, `NAME: value`, or a name alone, which has the value that the plugin gives it.
  ///
  /// - Returns: the names, and the values of those that have one.
  func environment(
    _ value: YAMLValue, of service: Service
  ) throws -> (names: [String], values: [Service.EnvironmentVariable]) {
    var names: [String] = []
    var values: [Service.EnvironmentVariable] = []
    let own = Set(service.environment.map(\.name))
    func take(_ name: String, _ text: ComposeText?, _ place: YAMLValue) throws {
      guard ManifestValidator.isEnvironmentName(name) else {
        throw place.error("'\(name)' is not the name of an environment variable")
      }
      guard !names.contains(name) else { throw place.error("'\(name)' stands here twice") }
      names.append(name)
      if text == nil, variables[name] == nil {
        throw place.error(
          "no service's 'env' has '\(name)', and it has no value here"
            + BerthError.nearestPhrase(name, variables.keys.sorted()))
      }
      // The plugin's would stand before it in silence.
      guard !own.contains(name) || text == nil || text?.onlyVariable == name else {
        throw place.error("the plugin's 'env' has another value for '\(name)'; say it in one place")
      }
      guard let template = text.map({ $0.template(variables) }) ?? variables[name] else { return }
      values.append(Service.EnvironmentVariable(name, template))
    }
    if case .sequence = value.node {
      for place in try value.list() {
        let parts = try place.text().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let text = parts.count == 2 ? try compose(place, String(parts[1])) : nil
        _ = try file.attempt { try take(String(parts[0]), text, place) }
      }
    } else {
      for (name, place) in try value.entries() {
        if !place.isNothing { try place.checkScalar() }
        let text = place.isNothing ? nil : try compose(place, place.node.scalar?.string ?? "")
        _ = try file.attempt { try take(name, text, place) }
      }
    }
    return (names, values)
  }

  private func compose(_ place: YAMLValue, _ text: String) throws -> ComposeText {
    do throws(ComposeText.Problem) { return try ComposeText(text) } catch { throw place.error(error.text) }
  }

  /// `service:NAME`: it has no network but that service's.
  func network(_ value: YAMLValue) throws -> String {
    let parts = try value.text().split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, parts[0] == "service", !parts[1].contains("$") else {
      throw value.error("an instance has a network of its own; expected 'service:NAME' with a service of this file")
    }
    return parts[1]
  }

  /// What can only be said once all services are known.
  func checkNetworks(_ services: [ComposeFile.Service], _ entries: [(key: String, value: YAMLValue)]) throws {
    for service in services {
      guard let name = service.network, let place = entries.first(where: { $0.key == service.name })?.value else {
        continue
      }
      _ = try file.attempt {
        guard let owner = services.first(where: { $0.name == name }), owner.name != service.name else {
          throw place.error("'network_mode' names '\(name)', which is no other service of this file")
        }
        guard owner.network == nil else {
          throw place.error("'\(name)' is in another service's network itself; name that one")
        }
        let others = [
          "networks", "hostname", "domainname", "dns", "dns_opt", "dns_search", "extra_hosts", "expose",
        ]
        if let other = try place.entries().map(\.key).first(where: others.contains) {
          throw place.error("'\(other)' stands with '\(name)', whose network it is")
        }
      }
    }
  }

  func signal(_ value: YAMLValue) throws -> String {
    let text = try value.text()
    let name = text.hasPrefix("SIG") ? text : "SIG\(text)"
    guard ManifestValidator.stopSignals.contains(name) else {
      throw value.error("'\(text)' is none of \(ManifestValidator.stopSignals.joined(separator: ", "))")
    }
    return name
  }

  /// A time such as `1m30s`, in whole seconds.
  func seconds(_ value: YAMLValue) throws -> Int {
    let text = try value.text()
    guard let match = text.wholeMatch(of: /(?:([0-9]{1,2})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,5})s)?/), !text.isEmpty,
      case let seconds = [(match.1, 3600), (match.2, 60), (match.3, 1)].reduce(
        0, { $0 + (Int($1.0 ?? "") ?? 0) * $1.1 }),
      (1...3600).contains(seconds)
    else { throw value.error("expected a time from 1s to 1h such as 30s or 1m30s, found '\(text)'") }
    return seconds
  }

  /// The service manager starts it again after a failure, however it is said, unless it never shall.
  func restarts(_ value: YAMLValue) throws -> Bool {
    let text = try value.text()
    guard text.wholeMatch(of: /no|always|unless-stopped|on-failure(:[0-9]{1,6})?/) != nil else {
      throw value.error("expected no, always, on-failure or unless-stopped, found '\(text)'")
    }
    return text != "no"
  }
}
