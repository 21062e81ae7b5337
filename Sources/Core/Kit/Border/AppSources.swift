/// Fetches files of an app's maker.
public protocol Downloads: Sendable {
  /// Makes sure that files can be fetched at all.
  ///
  /// - Throws: `program-missing`.
  func require() throws
  /// Fetches a file over HTTP. What of it came before an error stays at the path.
  ///
  /// - Parameters:
  ///   - path: where it goes; its folder exists.
  ///   - limit: bytes that it may have at most.
  /// - Throws: `download-failed`.
  func fetch(_ url: String, to path: String, atMost limit: Int64, progress: @escaping ByteProgress) async throws
}

/// Fetches servers that Steam hands out to everybody.
public protocol SteamServers: Sendable {
  /// Makes sure that SteamCMD is there.
  ///
  /// - Throws: `no-steamcmd`.
  func require() throws
  /// The builds that Steam hands out of a server now, by branch; the public one is called `public`.
  ///
  /// - Parameter home: an empty folder for SteamCMD's own files.
  /// - Throws: `no-steamcmd`, or `steam-silent` with what SteamCMD said.
  func builds(of app: Int, home: String) async throws -> [String: Int]
  /// Fetches a server into a folder, and makes sure that it is whole.
  ///
  /// - Parameter home: an empty folder for SteamCMD's own files.
  /// - Returns: the build that it is, which is the branch's newest one.
  /// - Throws: `no-steamcmd`, or `steam-failed` with what SteamCMD said.
  func fetch(_ app: Int, branch: String?, into folder: String, home: String) async throws -> Int
}

/// Looks at and unpacks archives that are not Berth's own.
public protocol AppArchives: Sendable {
  /// The SHA-256 of a file, as 64 lowercase hexadecimal digits.
  func digest(of path: String, progress: ByteProgress) throws -> String
  /// Unpacks a tar or zip archive into a folder that is there.
  ///
  /// All of it may be read and run by everybody, since a zip archive need not know which files are programs. Nothing is
  /// written outside the folder, no link leads out of it, and a file that is there already is an error.
  ///
  /// - Parameter strip: how many folders at the beginning of each name are left out; what lies above these is too.
  /// - Throws: `bad-archive`, or `no-space`.
  func unpack(_ archive: String, into folder: String, strip: Int, progress: ByteProgress) throws
  /// Lets everybody read what is in a folder and run its programs, nobody else change it, and makes it outlast a power
  /// cut.
  func settle(_ folder: String) throws
}

/// Packs what repositories hold.
public protocol Repositories: Sendable {
  /// Fetches one state of a repository and packs its files into a tar.
  ///
  /// - Parameters:
  ///   - reference: a branch, a tag or a commit; nil for what the repository itself points to.
  ///   - path: where the tar goes; its folder exists.
  ///   - home: an empty folder for what is fetched.
  /// - Returns: the commit, in hexadecimal digits.
  /// - Throws: `program-missing`, or `repository-failed` with what Git said.
  func pack(_ repository: String, at reference: String?, to path: String, home: String) async throws -> String
}

/// Signatures of files, as OpenSSH makes them.
public protocol FileSignatures: Sendable {
  /// Signs a file. The signature lies beside it, with the ending `.sig`.
  ///
  /// - Parameters:
  ///   - key: the file of a private key, or of a public one whose private one an agent has.
  ///   - namespace: what the signature is for.
  func sign(_ path: String, by key: String, for namespace: String) async throws
  /// - Parameters:
  ///   - place: where the file came from, for errors.
  ///   - keys: public keys, of which one has to have made it.
  ///   - home: an empty folder for the time of the call.
  /// - Throws: `not-signed`.
  func verify(
    _ path: String, from place: String, signature: String, by keys: [String], for namespace: String, home: String
  ) async throws
}

/// Reads and writes the archives that plugins come in.
public protocol PluginArchives: Sendable {
  /// The texts of those files in a tar or zip archive that are wanted, by their paths without `./` at the beginning.
  ///
  /// - Throws: `bad-archive` where one of them is no file or has a name that leads elsewhere, or where the archive holds too
  ///   much.
  func texts(of archive: String, where isWanted: (String) -> Bool) throws -> [String: String]
  /// Writes a tar of texts, the same for the same texts.
  func write(_ texts: [String: String], below folder: String, to path: String) throws
}

/// Where programs come from that are in no package, and plugins that nobody ships.
public struct AppSources: Sendable {
  public var downloads: any Downloads
  public var steam: any SteamServers
  public var archives: any AppArchives
  public var repositories: any Repositories
  public var signatures: any FileSignatures
  public var plugins: any PluginArchives

  public init(
    downloads: any Downloads, steam: any SteamServers, archives: any AppArchives, repositories: any Repositories,
    signatures: any FileSignatures, plugins: any PluginArchives
  ) {
    self.downloads = downloads
    self.steam = steam
    self.archives = archives
    self.repositories = repositories
    self.signatures = signatures
    self.plugins = plugins
  }
}
