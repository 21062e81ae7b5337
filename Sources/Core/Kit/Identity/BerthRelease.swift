/// The version of this Berth.
public enum BerthRelease {
  /// Three numbers, by Semantic Versioning.
  public static let current = "0.2.0"
}
