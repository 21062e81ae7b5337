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

/// Where programs come from that are in no package.
public struct AppSources: Sendable {
  public var downloads: any Downloads
  public var steam: any SteamServers
  public var archives: any AppArchives

  public init(downloads: any Downloads, steam: any SteamServers, archives: any AppArchives) {
    self.downloads = downloads
    self.steam = steam
    self.archives = archives
  }
}
