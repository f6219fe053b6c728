// The precompiled header needs a target with a source; the build includes precompiled.h in it.
