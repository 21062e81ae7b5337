/// What holds for the words by which Berth speaks to an app.
extension ManifestValidator {
  func checkQuery() throws(Problem) {
    guard let query = manifest.query else { return }
    try checkPort(query.role, speaks: query.kind.transport, key: "query.port")
    if query.kind.needsPassword, manifest.console == nil {
      throw Problem(
        key: "query.protocol",
        text: "'\(query.kind.rawValue)' asks with the password of a 'console', and there is none")
    }
  }

  func checkConsole() throws(Problem) {
    guard let console = manifest.console else { return }
    if let announce = console.announce, announce.variables != [Console.message] {
      throw Problem(
        key: "console.announce", text: "expected a command with {{\(Console.message)}} in it, and nothing else")
    }
    for command in console.commands {
      let key = "console.commands.\(command.word)"
      try checkLine(command.word, key: key)
      try checkLine(command.help, key: key)
    }
    guard let transport = console.kind.transport else { return try checkStandardInput(console) }
    guard let role = console.role else { throw Problem(key: "console", text: "the key 'port' is missing") }
    guard let password = console.password else { throw Problem(key: "console", text: "the key 'password' is missing") }
    try checkPort(role, speaks: transport, key: "console.port")
    try checkPassword(password, key: "console.password")
  }

  /// A console that is lines on the standard input of the first service.
  private func checkStandardInput(_ console: Console) throws(Problem) {
    guard console.role == nil else { throw Problem(key: "console.port", text: "'stdin' has no port") }
    guard console.password == nil else { throw Problem(key: "console.password", text: "'stdin' asks for no password") }
    guard let service = manifest.consoleService, service.container == nil else {
      throw Problem(key: "console.protocol", text: "'stdin' goes with a first service that is a program")
    }
  }

  /// What a console is told by an action. It is seen by every user, as arguments are.
  func check(line: Template, of service: String, when condition: Condition?, key: String) throws(Problem) {
    guard let console = manifest.console else { throw Problem(key: key, text: "the app has no 'console'") }
    guard manifest.service(service)?.container == nil else {
      throw Problem(key: key, text: "'console' goes with a service that is a program")
    }
    guard !line.segments.isEmpty else { throw Problem(key: key, text: "expected a command") }
    try check(argument: line, when: condition, key: key)
    if let port = console.role.flatMap(manifest.port) { try checkPresence(of: port, when: condition, key: key) }
  }

  private func checkPort(_ role: String, speaks transport: TransportProtocol, key: String) throws(Problem) {
    guard let port = manifest.port(role) else {
      throw Problem(
        key: key,
        text: "there is no port role '\(role)'" + BerthError.nearestPhrase(role, manifest.ports.map(\.role)))
    }
    guard port.protocols.contains(transport) else {
      throw Problem(key: key, text: "the port '\(role)' is not \(transport.rawValue), which this protocol needs")
    }
  }

  /// What stands in the plugin itself is known to everybody, and what may be unset is no password.
  private func checkPassword(_ password: Template, key: String) throws(Problem) {
    try checkTemplate(password, key: key)
    var settings: [Setting] = []
    for name in password.variables {
      guard name.hasPrefix("settings."), let setting = manifest.setting(String(name.dropFirst("settings.".count)))
      else { throw Problem(key: key, text: "'{{\(name)}}' is no setting") }
      settings.append(setting)
    }
    guard settings.contains(where: \.isSecret) else {
      throw Problem(
        key: key, text: "expected a setting of the type secret or password, such as {{settings.rcon-password}}")
    }
    if let unset = settings.first(where: \.isOptional) {
      throw Problem(key: key, text: "'{{settings.\(unset.id)}}' may be unset; make it a secret, which Berth generates")
    }
  }
}
