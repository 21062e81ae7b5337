/// What holds for the steps that bring an app's programs to the host.
extension ManifestValidator {
  func checkInstall(_ found: inout Findings) {
    for (index, step) in manifest.install.enumerated() {
      found.check { () throws(Problem) in try check(step, key: "install[\(index)]") }
    }
    found.check(checkDownloadsMeet)
  }

  private func check(_ step: InstallStep, key: String) throws(Problem) {
    switch step {
    case .apt(let packages): try check(packages, key: "\(key).apt")
    case .download(let download): try check(download, key: "\(key).download")
    case .steam(let server): try check(server, key: "\(key).steamcmd")
    }
  }

  private func checkDownloadsMeet() throws(Problem) {
    var places: Set<String> = []
    for case (let index, .download(let download)) in manifest.install.enumerated()
    where !download.isUnpacked && download.condition == nil && !places.insert(download.place).inserted {
      throw Problem(
        key: "install[\(index)].download.to", text: "another download goes to \(download.target.source) too")
    }
  }

  private func check(_ packages: [[String]], key: String) throws(Problem) {
    guard !packages.isEmpty else { throw Problem(key: key, text: "expected at least one package") }
    for (entry, alternatives) in packages.enumerated() {
      guard !alternatives.isEmpty else { throw Problem(key: "\(key)[\(entry)]", text: "expected a package's name") }
      for name in alternatives where !Self.isDebianPackage(name) {
        throw Problem(key: "\(key)[\(entry)]", text: "'\(name)' is not a Debian package's name")
      }
    }
  }

  private func check(_ download: Download, key: String) throws(Problem) {
    try checkOrigin(download.url, key: "\(key).url")
    if let text = download.url.literalText, !Download.isURL(text) {
      throw Problem(key: "\(key).url", text: "'\(text)' is not an address that begins with https:// or http://")
    }
    try checkOrigin(download.sha256, key: "\(key).sha256")
    let isSetting = download.sha256.segments.count == 1 && download.sha256.literalText == nil
    guard download.sha256.literalText.map(Download.isDigest) ?? isSetting else {
      throw Problem(key: "\(key).sha256", text: "expected 64 hexadecimal digits, or one setting that has them")
    }
    try checkPlace(of: download, key: "\(key).to")
    guard download.isUnpacked || download.strip == 0 else {
      throw Problem(key: "\(key).strip", text: "'strip' goes with 'extract: true'")
    }
    guard (0...16).contains(download.strip) else { throw Problem(key: "\(key).strip", text: "expected 0 to 16") }
    try checkCondition(download.condition, key: "\(key).when")
  }

  /// What a download is made of is the same for all instances with the same settings, and programs are told it.
  private func checkOrigin(_ template: Template, key: String) throws(Problem) {
    try checkArgument(template, key: key)
    for name in template.variables where !name.hasPrefix("settings.") {
      throw Problem(key: key, text: "only settings can stand here, not '{{\(name)}}'")
    }
  }

  private func checkPlace(of download: Download, key: String) throws(Problem) {
    let expected = "expected {{paths.app}}" + (download.isUnpacked ? ", or a path below it" : "/NAME")
    try checkTemplate(download.target, key: key)
    guard case .variable("paths.app")? = download.target.segments.first, download.target.segments.count <= 2 else {
      throw Problem(key: key, text: expected)
    }
    guard let rest = download.target.segments.dropFirst().first else {
      guard download.isUnpacked else { throw Problem(key: key, text: expected) }
      return
    }
    guard case .literal(let text) = rest, text.hasPrefix("/"), !download.place.isEmpty,
      download.place.split(separator: "/").allSatisfy({ $0 != "." && $0 != ".." })
    else { throw Problem(key: key, text: expected) }
  }

  private func check(_ server: SteamServer, key: String) throws(Problem) {
    guard server.app > 0 else { throw Problem(key: "\(key).app", text: "\(server.app) is no number of Steam's") }
    if let branch = server.branch, !SteamServer.isBranch(branch) {
      throw Problem(key: "\(key).branch", text: "'\(branch)' is not the name of a branch")
    }
    try checkCondition(server.condition, key: "\(key).when")
  }
}

extension SteamServer {
  /// Whether it can be the name of a branch, which becomes a word of SteamCMD's own language.
  public static func isBranch(_ text: String) -> Bool {
    text.utf8.count <= 64 && text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.\-]*/) != nil
  }
}

extension Download {
  /// Whether it can be fetched: `https://…` or `http://…`, in the characters that an address has (RFC 3986).
  public static func isURL(_ text: String) -> Bool {
    let rest = ["https://", "http://"].lazy.filter(text.hasPrefix).map { text.dropFirst($0.count) }.first
    guard let rest, text.utf8.count <= 2048, let first = rest.utf8.first,
      first != UInt8(ascii: "/"), first != UInt8(ascii: "-"),
      // A password has no place among arguments.
      !rest.prefix(while: { $0 != "/" }).utf8.contains(UInt8(ascii: "@"))
    else { return false }
    return rest.utf8.allSatisfy { (0x21...0x7e).contains($0) && !#""<>\^`{|}"#.utf8.contains($0) }
  }

  /// Whether it is a SHA-256 as ``ScopePaths`` and programs write it.
  public static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
      }
  }
}
