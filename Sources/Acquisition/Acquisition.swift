// The schedule of the sensors: deadlines, calibration, plausibility, samples.
