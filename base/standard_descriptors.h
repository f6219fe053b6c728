// Standard input, output and error of a process that was started without them.
#pragma once

namespace roicast {

// Where one of the descriptors 0 to 2 is closed, the next file that is opened gets its number, and what is meant for
// standard error, say, is written there. Gives each that is closed to /dev/null instead, open in the wrong direction,
// so that reading and writing fail as before. At the start of main, before anything is opened.
void OccupyStandardDescriptors();

}  // namespace roicast
