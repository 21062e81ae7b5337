import ArgumentParser
import BerthEngine
import BerthKit

struct AppAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Take a plugin from elsewhere.",
    discussion: """
      Fetches a plugin, checks it, shows what it asks for, and puts it into the scope's own plugins.d, where every command finds \
      it. It is remembered where it came from, for 'berth app update'. Nothing of it is run before an instance is installed.

      SOURCE is a folder, a tar or zip archive, an address of one, a repository of Git's, or the name of a plugin in an index that \
      host.yaml names. What comes from a server is taken by its SHA-256 or by a signed index alone; a repository is \
      pinned to the commit that was shown.

      EXAMPLES
        berth app add ./my-app
        berth app add https://example.org/my-app-1.tar.gz --sha256 9f86d0…
        berth app add https://example.org/plugins.git --ref v2 --plugin my-app
        berth app add my-app                     by an index
        berth app add ./my-app --dry-run         only what it asks for
      """)

  @Argument(help: "A path, an address, a repository, or a name in an index.", completion: .file())
  var source: String

  @OptionGroup var words: PluginSourceOptions

  @Flag(help: "Say what it asks for, and do nothing.")
  var dryRun = false

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    let berth = try options.open(need: .plugins)
    let offer = try await berth.offer(words.wish(source))
    try await PluginTaking(berth: berth, options: options, dryRun: dryRun, overwrites: false).takeOne(offer)
  }
}

/// Which plugin of a source is meant.
struct PluginSourceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The checksum of an archive.", valueName: "digits"))
  var sha256: String?

  @Option(name: .customLong("ref"), help: ArgumentHelp("A branch, tag or commit of a repository.", valueName: "name"))
  var reference: String?

  @Option(help: ArgumentHelp("The plugin's folder, where there are several.", valueName: "name"))
  var plugin: String?

  func wish(_ source: String) -> PluginWish {
    PluginWish(source, sha256: sha256, reference: reference, plugin: plugin)
  }

  func validate() throws {
    if let sha256, !Download.isDigest(sha256) { throw ValidationError("--sha256 takes 64 hexadecimal digits") }
  }
}

/// What a person sees of a plugin before it is taken.
struct PluginTaking {
  let berth: Berth
  let options: GlobalOptions
  let dryRun: Bool
  let overwrites: Bool

  /// Shows one, takes it, and says what came of it.
  func takeOne(_ offer: PluginOffer) async throws {
    let app = offer.manifest.id
    if !options.json { show(offer) }
    let report = PluginOfferReport(
      app, at: berth.paths.plugin(app), former: offer.former, .success(offer), done: try await take(offer))
    if options.json { return try Output.json(report) }
    say(report, berth.paths.plugin(app))
    guard !report.isPending, !offer.isSame else { return }
    Output.notice(
      offer.former == nil
        ? "to install it: \(Remedy.berth("install", app).whole)"
        : "its instances change with: \(Remedy.berth("update", app, "--all").whole)")
  }

  /// Asks, and takes it, where there is something to do and it is to be done.
  ///
  /// - Returns: whether it was.
  func take(_ offer: PluginOffer) async throws -> Bool {
    guard !dryRun, !offer.isSame else { return false }
    try options.confirm("\(offer.former == nil ? "add" : "update") the plugin \(offer.manifest.id)")
    try await berth.take(offer, overwrites: overwrites)
    return true
  }

  func say(_ report: PluginOfferReport, _ subject: String) {
    Output.line("\(report.isPending ? "would be \(report.state)" : report.state): \(subject)")
  }

  /// Shows what a plugin is, where it comes from and what it asks for.
  func show(_ offer: PluginOffer) {
    let (manifest, origin) = (offer.manifest, offer.origin)
    let version = offer.former.map { "\($0.version) → \(origin.version)" } ?? origin.version
    Output.line("\(manifest.name) – \(manifest.summary)")
    Output.line("version: \(version)")
    Output.line("from: \(origin.from)\(origin.index.map { " in the index \($0)" } ?? "")")
    for (word, text) in [
      ("commit", origin.commit), ("sha256", origin.sha256), ("licence", manifest.licence),
      ("untested", manifest.untested),
    ] {
      if let text { Output.line("\(word): \(text)") }
    }
    Self.table(manifest.asks, new: offer.former == nil ? [] : offer.newAsks)
    for warning in offer.check.unused { Output.warning(warning) }
    Output.line("")
  }

  /// What an app asks for; nothing where it asks for nothing.
  static func table(_ asks: [PluginAsk], new: [PluginAsk] = []) {
    guard !asks.isEmpty else { return }
    var table = Table(["ASKS FOR", "", "WHY"])
    for ask in asks {
      table.add(["\(ask.kind.rawValue)\(new.contains(ask) ? " (new)" : "")", ask.what, ask.reason ?? ""])
    }
    Output.line("")
    for line in table.lines() { Output.line(line) }
  }
}
