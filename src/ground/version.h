/* The one place that holds the version. */
#ifndef AL_GROUND_VERSION_H
#define AL_GROUND_VERSION_H

#define AIRLOCK_VERSION "0.2.0"

#endif
