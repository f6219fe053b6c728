// Predicts as clients in Node do: `node client.js FOLDER_OF_PROTOS`, ROICAST_PORT. The checks of python_client.py.
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const folder = process.argv[2];
const load = (file) => grpc.loadPackageDefinition(loader.loadSync(path.join(folder, file), {
  includeDirs: [folder], keepCase: true, longs: Number, enums: String, defaults: true,
}));
const roicast = load('roicast/v1/prediction.proto').roicast.v1;
const health = load('grpc/health/v1/health.proto').grpc.health.v1;
const address = `127.0.0.1:${process.env.ROICAST_PORT}`;
const insecure = grpc.credentials.createInsecure();
const client = new roicast.PredictionService(address, insecure);

const campaign = {channel: 'search', device: 'mobile', price: 30, spend: 500, audience_size: 10000};
const request = {campaign};
const wrong = {campaign: {spend: -5}};
const soon = (milliseconds = 10000) => ({deadline: Date.now() + milliseconds});
const ok = (name) => console.log(`ok ${name}`);

function call(of, method, message, options = soon()) {
  return new Promise((resolve, reject) => of[method](message, options, (error, answer) => (
    error ? reject(error) : resolve(answer))));
}

async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({message: 'expected an error'});
}

// The answers to a stream of requests.
function stream(requests) {
  return new Promise((resolve, reject) => {
    const answers = [];
    const opened = client.StreamPredict(soon());
    opened.on('data', (answer) => answers.push(answer));
    opened.on('error', reject);
    opened.on('end', () => resolve(answers));
    for (const predict of requests) opened.write({predict});
    opened.end();
  });
}

// The error of a stream that stays open; afterFirst is called with it once there is an answer.
function endOf(options, afterFirst) {
  return new Promise((resolve) => {
    const opened = client.StreamPredict(options);
    opened.on('data', () => afterFirst(opened));
    opened.on('error', resolve);
    opened.write({predict: request});
  });
}

async function main() {
  const predicted = await call(client, 'Predict', request);
  assert(predicted.roi > -1 && predicted.roi < 3, predicted);
  assert.strictEqual(predicted.served_by.model, 'default');
  ok('predict');

  let error = await failure(call(client, 'Predict', wrong));
  assert.strictEqual(error.code, grpc.status.INVALID_ARGUMENT);
  assert(error.details.includes('spend'), error.details);
  ok('invalid_argument');

  error = await failure(call(client, 'Predict', {model: {name: 'nobody'}, campaign}));
  assert.strictEqual(error.code, grpc.status.NOT_FOUND);
  const details = error.metadata.get('grpc-status-details-bin')[0].toString('latin1');
  assert(details.includes('google.rpc.ErrorInfo') && details.includes('MODEL_NOT_FOUND'), details);
  ok('details');

  const rois = (await call(client, 'BatchPredict', {campaigns: {campaigns: Array(1000).fill(campaign)}})).roi;
  assert.strictEqual(rois.length, 1000);
  assert(rois.every((roi) => Math.abs(roi - predicted.roi) < 1e-5), rois);
  ok('batch');

  const compressing = new roicast.PredictionService(address, insecure, {
    'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip});
  const again = await call(compressing, 'BatchPredict', {campaigns: {campaigns: Array(1000).fill(campaign)}});
  assert.deepStrictEqual(again.roi, rois);
  ok('compressed');

  const answers = await stream(Array(200).fill(request));
  assert.strictEqual(answers.length, 200);
  assert(answers.every((answer) => Math.abs(answer.predict.roi - predicted.roi) < 1e-5));
  ok('stream');

  const codes = (await stream([request, wrong, request])).map((answer) => (answer.status ? answer.status.code : 0));
  assert.deepStrictEqual(codes, [0, grpc.status.INVALID_ARGUMENT, 0]);
  ok('stream_item_error');

  assert.strictEqual((await endOf(soon(300), () => {})).code, grpc.status.DEADLINE_EXCEEDED);
  ok('deadline');

  assert.strictEqual((await endOf({}, (opened) => opened.cancel())).code, grpc.status.CANCELLED);
  assert.strictEqual((await call(client, 'Predict', request)).roi, predicted.roi);
  ok('cancel');

  const same = (bytes) => bytes;
  error = await failure(new Promise((resolve, reject) => client.makeUnaryRequest(
      '/roicast.v1.PredictionService/NoSuchMethod', same, same, Buffer.alloc(0), soon(),
      (failed, answer) => (failed ? reject(failed) : resolve(answer)))));
  assert.strictEqual(error.code, grpc.status.UNIMPLEMENTED);
  ok('unimplemented');

  const checked = await call(new health.Health(address, insecure), 'Check', {});
  assert.strictEqual(checked.status, 'SERVING');
  ok('health');

  const large = await call(client, 'BatchPredict', {campaigns: {campaigns: Array(60000).fill(campaign)}});
  assert.strictEqual(large.roi.length, 60000);
  ok('large_batch');
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
