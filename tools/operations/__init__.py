"""What a person does with a running pipeline: look, redrive, load a catalogue, audit."""
