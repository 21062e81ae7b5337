import BerthKit

/// Repositories by `git`. Nothing that stands in one is run: there is no work tree, no hook and no submodule.
public struct GitRepositories: Repositories {
  private static let patience = Duration.seconds(600)

  private let runner: any ProcessRunner

  public init(runner: any ProcessRunner) { self.runner = runner }

  public func pack(
    _ repository: String, at reference: String?, to path: String, home: String
  ) async throws -> String {
    let git = GitFolder(runner: runner, path: "\(home)/repository")
    do {
      try await git.run(["init", "--quiet", "--bare", git.path])
      let wanted = reference ?? "HEAD"
      guard !wanted.hasPrefix("-"), !wanted.hasControlCharacter else {
        throw BerthError.repositoryFailed(repository, "'\(wanted)' is no branch, tag or commit")
      }
      try await git.runInside(["fetch", "--quiet", "--no-tags", "--depth=1", "--", repository, wanted])
      let commit = try await git.runInside(["rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}"])
      try await git.runInside(["archive", "--format=tar", "--output=\(path)", "FETCH_HEAD"])
      return String(commit.prefix { !$0.isNewline })
    } catch let error as GitFolder.Failure {
      throw BerthError.repositoryFailed(repository, error.text)
    }
  }

  /// The folder that Git fetches into.
  private struct GitFolder {
    struct Failure: Error { let text: String }

    let runner: any ProcessRunner
    let path: String

    @discardableResult
    func runInside(_ words: [String]) async throws -> String { try await run(["--git-dir=\(path)"] + words) }

    @discardableResult
    func run(_ words: [String]) async throws -> String {
      // A person's own settings hold, as those for proxies and certificates. Nobody is asked for a password.
      let command = Command(
        "git", words,
        environment: SilentSSH.environment.merging([
          "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "/bin/false", "GIT_ALLOW_PROTOCOL": "https:http:ssh:file",
        ]) { $1 })
      guard let result = try await runner.run(command, within: GitRepositories.patience) else {
        throw Failure(text: "it took more than \(GitRepositories.patience.components.seconds) seconds")
      }
      guard result.status == 0 else { throw Failure(text: result.errorOutput) }
      return result.output
    }
  }
}
