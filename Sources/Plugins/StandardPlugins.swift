import BerthKit

/// The one list of the plugins that are built in.
public enum StandardPlugins {
  public static let all: [any AppPlugin] = [
    IcecastPlugin()
  ]
}
