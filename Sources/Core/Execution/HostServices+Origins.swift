import BerthKit

extension HostServices {
  /// Gives one path to each folder, however it is reached: without links, and without bind mounts as they are now.
  package func origins() -> @Sendable (String) -> String {
    let files = files
    let trees = MountedTrees((try? files.read(MountedTrees.file)) ?? "")
    return { trees.origin(of: files.realPath($0)) }
  }
}
