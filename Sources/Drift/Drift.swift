// Statistics that tell when the world has left the training data.
