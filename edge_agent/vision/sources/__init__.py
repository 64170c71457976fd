"""Where pictures come from: one file for each kind of camera, each a `ports.Source`."""
